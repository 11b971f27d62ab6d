import { spawn } from 'node:child_process';
import { once } from 'node:events';

/**
 * Runs node with these arguments, a program that prints the number of each write once that is acknowledged, and kills it
 * (SIGKILL) when it has printed so many. Resolves with the last number; one more may have been written.
 */
export const killedWriter = async (args: readonly string[], after: number): Promise<number> => {
  const writer = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  let acknowledged = '';
  writer.stdout.on('data', (chunk) => (acknowledged += String(chunk)));
  while (acknowledged.split('\n').length <= after) await once(writer.stdout, 'data');
  writer.kill('SIGKILL');
  await once(writer, 'close');
  return Number(acknowledged.trim().split('\n').at(-1));
};
