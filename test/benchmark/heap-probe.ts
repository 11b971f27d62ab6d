import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

// The program has no way to ask for the heap of its threads, and shall have none. So a few lines are loaded into each of
// its threads, as any `--import` of a user would be: they collect garbage when a file says so, and write down what is left.

export type HeapProbe = {
  /** For the environment of the program. */
  nodeOptions: string;
  /** Heap of each thread that runs user code after a collection, in MB, main thread first. The history's has no probe. */
  read(threads: number): Promise<number[]>;
};

const lines = (folder: string): string => `
  import { readFileSync, renameSync, writeFileSync } from 'node:fs';
  import { getHeapStatistics, setFlagsFromString } from 'node:v8';
  import { runInNewContext } from 'node:vm';
  import { threadId } from 'node:worker_threads';
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc');
  const folder = ${JSON.stringify(folder)};
  let last = '';
  setInterval(() => {
    const round = readFileSync(folder + '/round', 'utf8');
    if (round === last) return;
    last = round;
    for (let n = 0; n < 3; n += 1) collect();
    writeFileSync(folder + '/writing.' + threadId, String(getHeapStatistics().used_heap_size));
    renameSync(folder + '/writing.' + threadId, folder + '/' + round + '.' + String(threadId).padStart(3, '0'));
  }, 100).unref();
`;

/** A probe that talks through files in this folder, which it makes. */
export const createHeapProbe = (home: string): HeapProbe => {
  const folder = join(home, 'heap-probe');
  mkdirSync(folder);
  let round = 0;
  writeFileSync(join(folder, 'round'), '');
  return {
    nodeOptions: `--import=data:text/javascript,${encodeURIComponent(lines(folder))}`,
    async read(threads) {
      round += 1;
      writeFileSync(join(folder, 'next'), `r${round}`);
      renameSync(join(folder, 'next'), join(folder, 'round'));
      const ends = performance.now() + 30_000;
      for (;;) {
        const found = readdirSync(folder)
          .filter((name) => name.startsWith(`r${round}.`))
          .toSorted();
        if (found.length >= threads) {
          return found.map((name) => Number(readFileSync(join(folder, name), 'utf8')) / 1e6);
        }
        if (performance.now() > ends || !existsSync(folder)) throw new Error('no thread told its heap');
        await sleep(50);
      }
    },
  };
};
