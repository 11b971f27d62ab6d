import { describe, expect, it } from 'vitest';
import { useCommandHome } from '../kit/command-home.ts';

const home = useCommandHome();

// SGR with a colour, foreground or background, of any palette.
const coloured = /\x1b\[(?:\d+;)*(?:3[0-8]|4[0-8]|9[0-7]|10[0-7])[;m]/;
const words = (lines: string[]): string => lines.join('\n');

describe('ccr-tui alone', () => {
  it('opens the screen in a terminal, and leaves it on q', async () => {
    const terminal = home.typeInto('ccr_tui --port 0; echo left with $?');
    // No account yet: it says how to add one.
    await terminal.waitFor((lines) => words(lines).includes('add an API key'));
    // The screen is there before the port is open.
    await terminal.waitFor((lines) => /127\.0\.0\.1:\d+/.test(words(lines)));
    terminal.send('?');
    await terminal.waitFor((lines) => words(lines).includes('Esc close'));
    expect(terminal.raw().toString()).toMatch(coloured);
    terminal.send('qq');
    await terminal.waitFor((lines) => words(lines).includes('left with 0'));
  });

  it('draws without a colour for NO_COLOR and for --no-color', async () => {
    // The second one waits until the words of the first one are gone for certain.
    const terminal = home.typeInto(
      'NO_COLOR=1 ccr_tui --port 0; echo left one; read go; ccr_tui --port 0 --no-color; echo left two; read go',
    );
    for (const number of ['one', 'two']) {
      await terminal.waitFor((lines) => words(lines).includes('add an API key'));
      // The help has headings in colour elsewhere.
      terminal.send('?');
      await terminal.waitFor((lines) => words(lines).includes('Esc close'));
      terminal.send('qq');
      await terminal.waitFor((lines) => words(lines).includes(`left ${number}`));
      terminal.send('\r');
    }
    expect(terminal.raw().toString()).not.toMatch(coloured);
  });

  it('prints plain lines without a terminal, and JSON with --json', async () => {
    const plain = home.start(['--port', '0']);
    await plain.waitForLine('listening');
    expect(plain.stdout()).not.toContain('\x1b');
    plain.signal('SIGTERM');
    expect(await plain.exit).toMatchObject({ code: 0 });
    const json = home.start(['--port', '0', '--json']);
    await json.waitForLine('"listening"');
    json.signal('SIGTERM');
    const { stdout } = await json.exit;
    const events = stdout
      .trimEnd()
      .split('\n')
      .map((line) => (JSON.parse(line) as { event: string }).event);
    expect(events).toEqual(['listening', 'stopped']);
  });

  it('attaches to the instance that runs', async () => {
    const { url } = await home.serve();
    const terminal = home.typeInto('ccr_tui; echo left with $?');
    await terminal.waitFor((lines) => words(lines).includes(new URL(url).host));
    await home.addAccount('work');
    await terminal.waitFor((lines) => words(lines).includes('work'));
    terminal.send('q');
    await terminal.waitFor((lines) => words(lines).includes('left with 0'));
    expect(await home.json(['status'])).toMatchObject({ running: true, url });
  });
});
