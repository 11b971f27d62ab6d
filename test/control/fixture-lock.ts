import { acquireInstanceLock } from '../../source/control/instance-lock.ts';
import { asEpoch } from '../../source/shared/types.ts';

// One starter, as a process of its own: waits for the agreed moment, takes the lock, says how that went and keeps
// it until stdin ends.
const [lockFile = '', at = '0'] = process.argv.slice(2);
while (Date.now() < Number(at)) {
  // All starters leave this loop within the same millisecond.
}
try {
  const lock = await acquireInstanceLock({
    lockFile,
    version: '1.0.0',
    now: asEpoch(Date.now()),
    pid: process.pid,
  });
  process.stdout.write('won\n');
  process.stdin.resume().on('end', () => {
    lock.release();
    process.exit(0);
  });
} catch (error) {
  process.stdout.write(`${(error as { code: string }).code}\n`);
}
