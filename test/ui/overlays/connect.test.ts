import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { displayWidth } from '../../../source/shared/display-width.ts';
import { connectBlocks } from '../../../source/ui/overlays/connect-blocks.ts';
import { openConnect } from '../../../source/ui/overlays/connect.ts';
import { emptyState } from '../sample.ts';
import { dialogPlace, plain, readDialog, type } from './dialog-place.ts';

const url = 'http://127.0.0.1:4180';
const alias = `alias ccr-tui="'/opt/a b/node' '/opt/ccr-tui/distribution/bin.cjs'"`;
const open = (withAlias: string | null = null, at: string | null = url) => {
  const place = dialogPlace(() => Promise.reject(new Error('it sends nothing')), { ...emptyState, url: at });
  return { dialog: openConnect(place.context, withAlias), ...place };
};

describe('what to set in a client', () => {
  it('shows each piece as plain text at the given address', () => {
    const lines = readDialog(open().dialog).split('\n');
    for (const wanted of [
      '   ccr-tui run -- claude',
      `   export ANTHROPIC_BASE_URL=${url}`,
      '   export ANTHROPIC_AUTH_TOKEN=ccr-tui',
      `     base_url="${url}")`,
      `   curl ${url}/v1/messages \\`,
    ]) {
      expect(lines).toContain(wanted);
    }
  });

  it('says how to get the command where there is none', () => {
    expect(readDialog(open(alias).dialog)).toContain(alias);
    expect(readDialog(open().dialog)).not.toContain('alias');
  });

  it.each(['y', 'enter'])('%s copies the chosen piece as a whole', (name) => {
    const { dialog, told } = open();
    type(dialog, name, 'j', name, 'k', 'down', 'up', name);
    const [run, shell] = connectBlocks(url, null);
    expect(told.copied).toEqual([run, shell, run].map((block) => block?.lines.join('\n')));
    expect(told.sentences[0]).toBe('copied, if your terminal allows it');
  });

  it.each([
    [100, 28],
    [60, 18],
    [46, 8],
    [30, 4],
  ])('keeps the chosen piece in view in %i x %i', (columns, rows) => {
    const { dialog } = open(alias);
    for (const block of connectBlocks(url, alias)) {
      const lines = dialog.lines(plain, { columns, rows });
      expect(lines.length).toBeLessThanOrEqual(rows);
      for (const line of lines) expect(displayWidth(line)).toBeLessThanOrEqual(columns);
      const marked = lines.findIndex((line) => line.startsWith(` > ${block.label.slice(0, 20)}`));
      expect(marked).toBeGreaterThanOrEqual(0);
      expect(lines[marked + 1]?.trim().slice(0, 12)).toBe(block.lines[0]?.slice(0, 12));
      type(dialog, 'j');
    }
  });

  it('leads to the change of the settings where this screen can make it', () => {
    const never = (): Promise<never> => Promise.reject(new Error('not asked for'));
    const { context, told } = dialogPlace(never, { ...emptyState, url });
    const dialog = openConnect({ ...context, outside: { connectsClient: { look: never, carryOut: never } } });
    expect(readDialog(dialog)).toMatch(/> Claude Code, by its settings/);
    type(dialog, 'y');
    expect(told.copied).toEqual(['ccr-tui connect claude-code']);
    type(dialog, 'enter');
    expect(told).toMatchObject({ closed: 1, performed: ['client.write'] });
  });

  it.each(['c', 'q', 'escape'])('%s closes it', (name) => {
    const { dialog, told } = open();
    type(dialog, name);
    expect(told.closed).toBe(1);
  });

  it('has nothing to copy before there is an address', () => {
    const { dialog, told } = open(null, null);
    expect(readDialog(dialog)).toContain('does not listen yet');
    type(dialog, 'j', 'y');
    expect(told.copied).toEqual([]);
  });

  it('the pieces for a shell are what a shell takes', () => {
    const blocks = connectBlocks(url, alias);
    const linesOf = (label: string): string =>
      blocks.find((block) => block.label.startsWith(label))?.lines.join('\n') ?? '';
    const ran = execFileSync(
      'sh',
      [
        '-c',
        `curl() { printf '%s\\n' "$@"; }\n${linesOf('Everything')}\n${linesOf('curl')}\necho $ANTHROPIC_BASE_URL`,
      ],
      { encoding: 'utf8' },
    );
    const args = ran.trim().split('\n');
    expect(args.at(-1)).toBe(url);
    expect(args[0]).toBe(`${url}/v1/messages`);
    expect(JSON.parse(args.slice(args.indexOf('-d') + 1, -1).join('\n'))).toMatchObject({ max_tokens: 64 });
  });
});
