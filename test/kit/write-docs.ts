// `npm run docs`: writes the tables of commands, keys and settings into the documents from the code that has them.
import { readFileSync, writeFileSync } from 'node:fs';
import { generatedSections, withGeneratedSections } from './document-tables.ts';

for (const [document, names] of Object.entries(generatedSections)) {
  const path = new URL(`../../${document}`, import.meta.url);
  const before = readFileSync(path, 'utf8');
  const after = withGeneratedSections(before, names);
  if (after !== before) writeFileSync(path, after);
  process.stdout.write(`${document} ${after === before ? 'is up to date' : 'written'}\n`);
}
