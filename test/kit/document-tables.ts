import { cliActions, usageLine } from '../../source/commands/cli-action.ts';
import { schema } from '../../source/config/schema.ts';
import { screenActions, shownKey } from '../../source/ui/keymap.ts';

type Row = readonly string[];

// A bar would end the cell, on GitHub even inside code.
const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('\n', ' ');

const table = (titles: Row, rows: readonly Row[]): string =>
  [titles, titles.map(() => '---'), ...rows].map((row) => `| ${row.map(cell).join(' | ')} |`).join('\n');

const code = (text: string): string => `\`${text}\``;

const defaultText = (value: unknown): string => {
  if (Array.isArray(value))
    return value.length === 0 ? 'empty' : value.map((item) => code(String(item))).join(', ');
  return code(String(value));
};

const commandTable = (): string =>
  table(
    ['command', 'what it does'],
    cliActions.map((action) => [code(usageLine(action)), action.help]),
  );

const keyTable = (): string =>
  table(
    ['key', 'where', 'what it does'],
    screenActions.map(({ screen, help }) => [
      screen.keys.map((key) => code(shownKey(key))).join(' '),
      screen.where === 'all' ? 'everywhere' : screen.where,
      screen.help ?? help,
    ]),
  );

const settingTable = (): string =>
  table(
    ['setting', 'default', 'what it is'],
    schema.map((setting) => [code(setting.key), defaultText(setting.default), setting.doc]),
  );

/** The parts of the README that come from the code, by the name in their markers. */
export const generatedSections: Readonly<Record<string, () => string>> = {
  commands: commandTable,
  keys: keyTable,
  settings: settingTable,
};

const marked = (name: string): RegExp =>
  new RegExp(`(<!-- generated: ${name} -->\\n)[\\s\\S]*?(<!-- end of ${name} -->)`);

/** The document with every generated part as the code has it now. Throws when a part's markers are missing. */
export const withGeneratedSections = (document: string): string => {
  let written = document;
  for (const [name, make] of Object.entries(generatedSections)) {
    if (!marked(name).test(written)) {
      throw new Error(`no <!-- generated: ${name} --> … <!-- end of ${name} --> in the document`);
    }
    written = written.replace(
      marked(name),
      (_, begin: string, end: string) => `${begin}\n${make()}\n\n${end}`,
    );
  }
  return written;
};
