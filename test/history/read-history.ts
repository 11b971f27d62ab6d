// A program of its own that reads a whole history: `node read-history.ts FILE`.
import { readHistory } from '../../source/history/queries.ts';
import { asEpoch } from '../../source/shared/types.ts';

process.stdout.write('begun\n');
let count = 0;
for (const _ of readHistory({ file: process.argv[2] ?? '', since: asEpoch(0), limit: null })) count += 1;
process.stdout.write(`${count}\n`);
