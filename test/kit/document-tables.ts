import { cliActions, usageLine } from '../../source/commands/cli-action.ts';
import { schema } from '../../source/config/schema.ts';
import { screenActions, shownKey, type ScreenAction } from '../../source/ui/keymap.ts';
import { keyGroups } from '../../source/ui/overlays/help-rows.ts';

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

const keysOf = ({ screen }: ScreenAction): string => screen.keys.map((key) => code(shownKey(key))).join(' ');

const doesOf = ({ screen, help }: ScreenAction): string => screen.help ?? help;

const keyTable = (): string =>
  table(
    ['key', 'where', 'what it does', 'name'],
    screenActions.map((action) => [
      keysOf(action),
      action.screen.where === 'all' ? 'everywhere' : action.screen.where,
      doesOf(action),
      code(action.name),
    ]),
  );

/** The same in a line per group. */
const shortKeyTable = (): string =>
  table(
    ['', 'keys'],
    keyGroups.map(([group, title]) => [
      title,
      screenActions
        .filter(({ screen }) => screen.group === group)
        .map((action) => `${keysOf(action)} ${doesOf(action)}`)
        .join(' · '),
    ]),
  );

const settingTable = (): string =>
  table(
    ['setting', 'default', 'what it is'],
    schema.map((setting) => [code(setting.key), defaultText(setting.default), setting.doc]),
  );

/** The parts of documents that come from the code, by the name in their markers. */
const sections: Readonly<Record<string, () => string>> = {
  commands: commandTable,
  keys: shortKeyTable,
  'all keys': keyTable,
  settings: settingTable,
};

/** Which parts each document has. */
export const generatedSections: Readonly<Record<string, readonly string[]>> = {
  'COMMANDS.md': ['commands'],
  'KEYS.md': ['all keys'],
  'README.md': ['keys'],
  'SETTINGS.md': ['settings'],
};

const marked = (name: string): RegExp =>
  new RegExp(`(<!-- generated: ${name} -->\\n)[\\s\\S]*?(<!-- end of ${name} -->)`);

/** The text with its generated parts as the code has them now. Throws when a part's markers are missing. */
export const withGeneratedSections = (text: string, names: readonly string[]): string => {
  let written = text;
  for (const name of names) {
    const make = sections[name];
    if (!make || !marked(name).test(written)) {
      throw new Error(`no <!-- generated: ${name} --> … <!-- end of ${name} --> in the document`);
    }
    written = written.replace(
      marked(name),
      (_, begin: string, end: string) => `${begin}\n${make()}\n\n${end}`,
    );
  }
  return written;
};
