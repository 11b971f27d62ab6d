import { readFileSync } from 'node:fs';
import { systemCode } from '../shared/system-code.ts';

/** Whether a process of that number exists. One that we may not signal exists, too. */
export const isProcessAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return systemCode(error) === 'EPERM';
  }
};

const read = (path: string): string | null => {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
};

/** The part of /proc/PID/stat that tells two processes with one number apart; null when it is over (a zombie). */
export const birthFromStat = (stat: string): string | null => {
  // proc_pid_stat(5): the name in parentheses may hold spaces and parentheses; state is field 3, starttime field 22.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const started = fields[19];
  return fields[0] === 'Z' || fields[0] === 'X' || started === undefined ? null : started;
};

/**
 * When the process was born, as an opaque text that no other process of this machine shares, even with the same
 * number after a restart (in a container the program is often pid 1 every time). Empty when it is over; null where the
 * system does not tell (no /proc).
 */
export const processBirth = (pid: number): string | null => {
  const boot = read('/proc/sys/kernel/random/boot_id');
  if (boot === null) return null;
  const stat = read(`/proc/${pid}/stat`);
  const started = stat === null ? null : birthFromStat(stat);
  return started === null ? '' : `${boot.trim()}:${started}`;
};
