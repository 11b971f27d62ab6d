import { lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';

// Larger files stand for their size alone.
const wholeBelow = 100_000;

/** Name, size, mode, owner and content of everything below the folder: equal texts mean that nothing was touched. */
export const snapshotOf = (folder: string, counts: (name: string) => boolean): string =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter(counts)
    .sort()
    .map((name) => {
      const path = join(folder, name);
      const stat = lstatSync(path);
      const content = stat.isFile() && stat.size < wholeBelow ? readFileSync(path, 'base64') : '';
      const link = stat.isSymbolicLink() ? readlinkSync(path) : '';
      return [name, stat.size, stat.mode, stat.uid, stat.gid, link, content].join(' ');
    })
    .join('\n');
