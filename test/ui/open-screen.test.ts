import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { keys, startPty, type Pty } from '../kit/pty.ts';

const fixture = fileURLToPath(new URL('fixture-screen.ts', import.meta.url));
const home = fileURLToPath(new URL('.', import.meta.url));
const open: Pty[] = [];

const start = (
  flags: readonly string[] = [],
  columns = 100,
  rows = 30,
  env: Record<string, string> = {},
): Pty => {
  const all = { NODE_ENV: 'production', ...env };
  const pty = startPty([fixture, ...flags], { home, columns, rows, command: process.execPath, env: all });
  open.push(pty);
  return pty;
};
const shows =
  (text: string) =>
  (lines: string[]): boolean =>
    lines.some((line) => line.includes(text));
const marked = (lines: string[]): string => lines.find((line) => line.startsWith('>')) ?? '';
const everything = (pty: Pty): string => pty.raw().toString('utf8');
/** Any style or colour. */
const styles = /\u001B\[[0-9;:]*m/;

describe('openScreen', () => {
  afterEach(async () => {
    await Promise.all(open.splice(0).map((pty) => pty.stop()));
  });

  it('draws on the alternate screen and gives the terminal back as it was', async () => {
    const pty = start();
    const lines = await pty.waitFor(shows('q quit'));
    expect(pty.screen.alternate()).toBe(true);
    expect(lines[0]).toMatch(/^ ccr-tui {2}127\.0\.0\.1:4180 {2}4 accounts, 2 ready/);
    expect(lines.at(-1)).toBe(' p pause  a add  Tab pane  z zoom  ? help  q quit');
    pty.send('q');
    expect(await pty.exit).toEqual({ code: 0, signal: 0 });
    expect(pty.screen.alternate()).toBe(false);
    expect(pty.screen.modes()).toEqual({
      bracketedPaste: false,
      mouse: false,
      focusReports: false,
      applicationCursor: false,
    });
    expect(pty.screen.text().trim()).toBe('');
    const written = everything(pty);
    expect(written.lastIndexOf('\u001B[?25h')).toBeGreaterThan(written.lastIndexOf('\u001B[?25l'));
  });

  it('leaves the settings of the terminal as they were, whatever ends it', async () => {
    const program = `'${process.execPath}' '${fixture}' pid`;
    const script = `before=$(stty -g); ${program}; echo "ended $?"; [ "$before" = "$(stty -g)" ] && echo same`;
    for (const [end, code] of [
      [(pty: Pty) => pty.send('q'), 0],
      [(pty: Pty) => pty.send(keys.ctrlC), 130],
      [(pty: Pty) => process.kill(Number(/pid (\d+)/.exec(pty.screen.text())?.[1]), 'SIGTERM'), 143],
    ] as const) {
      const pty = startPty(['-c', script], { home, command: '/bin/sh', env: { NODE_ENV: 'production' } });
      open.push(pty);
      await pty.waitFor(shows('pid '));
      end(pty);
      await pty.exit;
      expect(pty.screen.text().trim().split('\n')).toEqual([`ended ${code}`, 'same']);
    }
  });

  it('tells ctrl+c from q', async () => {
    const pty = start();
    await pty.waitFor(shows('q quit'));
    pty.send(keys.ctrlC);
    expect((await pty.exit).code).toBe(130);
  });

  it('moves one step for each key of one write', async () => {
    const pty = start();
    await pty.waitFor(shows('q quit'));
    pty.send('jjj');
    await pty.waitFor((lines) => marked(lines).includes('spare'));
    pty.send(keys.up + keys.up + keys.up);
    await pty.waitFor((lines) => marked(lines).includes('work'));
    pty.send(keys.tab + keys.up.repeat(4));
    expect(marked(await pty.waitFor(shows('4 below')))).toContain('529 busy');
  });

  it('pauses the selected account and shows it', async () => {
    const pty = start();
    await pty.waitFor(shows('q quit'));
    pty.send('p');
    await pty.waitFor((lines) => marked(lines).includes('paused'));
    pty.send('p');
    const resumed = await pty.waitFor((lines) => marked(lines).includes('ready'));
    expect(resumed[0]).toContain('4 accounts, 2 ready');
  });

  it('shows the keys and hides them again', async () => {
    const pty = start();
    await pty.waitFor(shows('q quit'));
    pty.send('?');
    await pty.waitFor(shows('pause or resume the selected account'));
    pty.send(keys.escape);
    const hidden = await pty.waitFor(shows('2 Requests'));
    expect(hidden.join('\n')).not.toContain('pause or resume the selected account');
  });

  it('keeps still what is looked at while requests stream past', async () => {
    const pty = start(['stream']);
    await pty.waitFor(shows('FOLLOW'));
    pty.send(keys.tab);
    pty.send('kk');
    const before = await pty.waitFor(shows('below'));
    const after = await pty.waitFor((lines) => lines.some((line) => /1\d below/.test(line)));
    const still = (line: string): string => line.replace(/~\d+s/, '~');
    expect(still(marked(after))).toBe(still(marked(before)));
    expect(marked(after)).not.toBe('');
  });

  it('holds the list still with Space while requests stream past, and goes on with it', async () => {
    const pty = start(['stream']);
    await pty.waitFor(shows('FOLLOW'));
    pty.send('2 ');
    const list = (lines: string[]): string[] => {
      const from = lines.findIndex((line) => line.includes('2 Requests'));
      return lines.slice(
        from + 1,
        lines.findIndex((line) => line.includes('3 Log')),
      );
    };
    const before = list(await pty.waitFor(shows('FROZEN')));
    const after = list(await pty.waitFor((lines) => lines.some((line) => / 1\d new/.test(line))));
    expect(after).toEqual(before);
    pty.send(' ');
    expect(list(await pty.waitFor(shows('FOLLOW')))).not.toEqual(before);
  });

  it('draws everything anew with ctrl+l, and the same picture', async () => {
    const pty = start(['empty', 'plain-colors']);
    const before = await pty.waitFor(shows('q quit'));
    const written = pty.raw().length;
    pty.send('\u000C');
    await expect.poll(() => pty.raw().subarray(written).toString('utf8')).toContain('q quit');
    expect((await pty.waitFor(shows('q quit'))).slice(1)).toEqual(before.slice(1));
  });

  it('writes no style at all without colours, and pure ASCII when asked to', async () => {
    const pty = start(['plain-colors', 'ascii']);
    await pty.waitFor(shows('q quit'));
    pty.send('?');
    await pty.waitFor(shows('pause or resume the selected account'));
    pty.send('q');
    await pty.waitFor(shows('q quit'));
    expect(everything(pty)).not.toMatch(styles);
    expect(everything(pty)).toMatch(/^[\u0000-\u007F]*$/);
  });

  it('uses colours otherwise, never a background', async () => {
    const pty = start([]);
    await pty.waitFor(shows('q quit'));
    expect(everything(pty)).toMatch(styles);
    for (let row = 0; row < 30; row += 1) {
      for (let column = 0; column < 100; column += 1) {
        expect(pty.screen.cell(column, row)?.background).toBe(-1);
        expect(pty.screen.cell(column, row)?.foreground).toBeLessThan(16);
      }
    }
  });

  it('draws even where CI is set', async () => {
    const pty = start([], 60, 20, { CI: 'true' });
    await pty.waitFor(shows('q quit'));
    expect(pty.screen.alternate()).toBe(true);
  });

  it('leaves no residue after a storm of resizes', async () => {
    const pty = start();
    await pty.waitFor(shows('q quit'));
    for (let i = 0; i < 50; i += 1) pty.resize(20 + ((i * 37) % 150), 4 + ((i * 13) % 50));
    pty.resize(1, 1);
    await pty.waitFor((lines) => lines.length === 1 && (lines[0] ?? '').length <= 1);
    pty.resize(24, 5);
    await pty.waitFor(
      (lines) => lines[0] === '30x6 needed, have 24x5' && lines.slice(1).every((each) => each === ''),
    );
    pty.resize(60, 20);
    const lines = await pty.waitFor((now) => now.at(-1)?.includes('q quit') === true);
    const fresh = start([], 60, 20);
    const expected = await fresh.waitFor((now) => now.at(-1)?.includes('q quit') === true);
    const still = (line: string): string => line.replaceAll(/\d\d:\d\d(?::\d\d)?|~\d+s|\d+m\d\ds/g, 't');
    expect(lines.map(still)).toEqual(expected.map(still));
    expect(pty.screen.scrollback()).toBe(0);
  });

  it('is silent while nothing changes', async () => {
    const pty = start(['empty']);
    await pty.waitFor(shows('q quit'));
    const written = pty.raw().length;
    await new Promise((resolve) => setTimeout(resolve, 1200));
    // At most the minute of the clock.
    expect(pty.raw().length - written).toBeLessThan(100);
  });
});
