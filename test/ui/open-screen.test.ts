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
    expect(lines.at(-1)).toBe(' p pause  Enter detail  a add  Tab pane  : command  z zoom  ? help  q quit');
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

  it('tells the terminal that an account is back, and only who asked for that', async () => {
    const [told, quiet] = [start(['osc9']), start()];
    const reset = async (pty: Pty): Promise<void> => {
      await pty.waitFor(shows('q quit'));
      pty.send('jjXy');
      await pty.waitFor(shows('3 ready'));
      pty.send('q');
      await pty.exit;
    };
    await Promise.all([told, quiet].map(reset));
    expect(everything(told).split('\u001B]9;ccr-tui: team-a can serve again\u0007')).toHaveLength(2);
    expect(everything(quiet)).not.toMatch(/\u001B\]9;|\u0007/);
  });

  it('hears of the focus, which is no key, and leaves no report of it on', async () => {
    const pty = start();
    await pty.waitFor((lines) => shows('q quit')(lines) && pty.screen.modes().focusReports);
    // Without the focus what only the clock changes is not drawn, and with it at once.
    pty.send('\u001B[Oj');
    const lines = await pty.waitFor((seen) => marked(seen).includes('home'));
    // The terminal selects text by itself: nobody has asked for the mouse.
    expect(pty.screen.modes().mouse).toBe(false);
    pty.send('\u001B[I');
    expect(lines.join('\n')).not.toMatch(/no such key|means nothing/);
    pty.send('q');
    await pty.exit;
    expect(pty.screen.modes().focusReports).toBe(false);
  });

  it('takes clicks and the wheel where that was asked for, and is none of them afterwards', async () => {
    const pty = start(['mouse']);
    await pty.waitFor((lines) => shows('q quit')(lines) && pty.screen.modes().mouse);
    const row = pty.screen.lines().findIndex((line) => line.includes('team-a'));
    const press = `\u001B[<0;5;${row + 1}M\u001B[<0;5;${row + 1}m`;
    pty.send(press);
    await pty.waitFor((lines) => marked(lines).includes('team-a'));
    pty.send('\u001B[<64;5;5M');
    await pty.waitFor((lines) => marked(lines).includes('work'));
    pty.send('q');
    await pty.exit;
    expect(pty.screen.modes()).toMatchObject({ mouse: false, focusReports: false });
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
    await pty.waitFor(shows('pause or resume the account'));
    pty.send(keys.escape);
    const hidden = await pty.waitFor(shows('2 Requests'));
    expect(hidden.join('\n')).not.toContain('pause or resume the account');
  });

  it('filters while it is typed and requests stream past, in one write as in many', async () => {
    const pty = start(['stream']);
    await pty.waitFor(shows('FOLLOW'));
    pty.send('2/is:x');
    const wrong = await pty.waitFor(shows('is takes one of'));
    expect(wrong.at(-1)?.indexOf('^')).toBe((wrong.at(-2)?.indexOf('is:x') ?? 0) + 3);
    pty.send(`${keys.backspace}error\r`);
    await pty.waitFor(shows('filter: is:error · 3 of '));
    pty.send('N');
    const held = marked(await pty.waitFor((lines) => marked(lines).includes('200 cut')));
    // Nothing of what streams past gets into the list, nor moves it.
    expect(marked(await pty.waitFor((lines) => / 3 of [2-9]\d/.test(lines.join('\n'))))).toBe(held);
    pty.send('\x06');
    await pty.waitFor(shows('filter off: is:error'));
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
    await pty.waitFor(shows('pause or resume the account'));
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
    const pty = start(['still']);
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
    const fresh = start(['still'], 60, 20);
    const expected = await fresh.waitFor((now) => now.at(-1)?.includes('q quit') === true);
    expect(lines).toEqual(expected);
    expect(pty.screen.scrollback()).toBe(0);
  });

  it('is silent while nothing changes', async () => {
    const pty = start(['empty', 'still']);
    await pty.waitFor(shows('q quit'));
    // What it asks the terminal to tell comes last.
    await expect.poll(() => everything(pty)).toContain('\u001B[?1004h');
    const written = pty.raw().length;
    await new Promise((resolve) => setTimeout(resolve, 1200));
    expect(pty.raw().length - written).toBe(0);
  });
});
