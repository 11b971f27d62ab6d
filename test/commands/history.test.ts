import { describe, expect, it } from 'vitest';
import { join } from 'node:path';
import { historyRow } from '../../source/store/history-row.ts';
import { useCommandHome } from '../kit/command-home.ts';
import { askOnce, startEchoUpstream } from '../kit/echo-upstream.ts';
import { hostileCharacter } from '../kit/hostile-text.ts';
import { writeHistory } from '../kit/given-history.ts';
import { hostileRequests } from './hostile-rows.ts';

const home = useCommandHome({ inPlace: true });

const rows = async (...args: string[]): Promise<{ account: string; at: string }[]> =>
  (await home.run(['history', '--json', ...args])).stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as { account: string; at: string });

describe('history', () => {
  it('is empty without a file, and makes none', async () => {
    expect(await home.run(['history', '--json'])).toMatchObject({ code: 0, stdout: '', stderr: '' });
    expect((await home.run(['history'])).stdout).toMatch(/^TIME +ACCOUNT +STATUS[^\n]*\n$/);
    expect(home.snapshot()).toBe('');
  });

  it('lists finished requests, oldest first, with and without a running instance', async () => {
    const upstream = await startEchoUpstream({ hold: false });
    await home.addAccount('work', upstream.url);
    const { url, program } = await home.serve();
    const following = home.start(['history', '--follow', '--csv', '--filter', 'account:work']);
    for (let n = 0; n < 3; n += 1) expect(await askOnce(url)).toBe(200);
    await expect.poll(() => following.stdout().match(/,end_turn,/g)).toHaveLength(3);
    expect(following.stdout()).toMatch(/^id,at,method,/);
    await expect.poll(() => rows()).toHaveLength(3);
    const [first, second] = await rows();
    expect(first).toMatchObject({
      method: 'POST',
      path: '/v1/messages',
      model: 'claude-haiku-5-5',
      account: 'work',
      status: 200,
      outcome: 'ok',
      stream: false,
      attempts: [{ account: 'work', status: 200, verdict: 'forwarded' }],
      tokens: { input: 12, output: 5, cacheRead: 7 },
      stopReason: 'end_turn',
      upstreamRequestId: 'req_echo',
      mayHaveRunTwice: false,
    });
    expect(Date.parse(first?.at ?? '')).toBeLessThanOrEqual(Date.parse(second?.at ?? ''));
    // Beside the instance, which goes on writing: the fourth is a new one.
    const cleared = await home.run(['history', 'clear', '--force', '--export', 'before.ndjson']);
    expect(cleared).toMatchObject({ code: 0, stderr: '' });
    const kept = home.read('before.ndjson').trimEnd().split('\n');
    expect(kept.map((line): unknown => JSON.parse(line))).toEqual([first, second, expect.anything()]);
    expect(await rows()).toEqual([]);
    for (let n = 0; n < 3; n += 1) expect(await askOnce(url)).toBe(200);
    await expect.poll(() => rows()).toHaveLength(3);
    await home.run(['stop']);
    expect(await program.exit).toMatchObject({ code: 0 });
    const all = await rows();
    expect(all).toHaveLength(3);
    expect(await rows('--limit', '1')).toEqual(all.slice(-1));
    expect(await rows('--since', '1h')).toEqual(all);
    const { stdout } = await home.run(['history', '--limit', '2']);
    expect(stdout).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d +work +200 ok +claude-haiku-5-5 /m);
    expect(stdout.trimEnd().split('\n')).toHaveLength(3);
    await upstream.close();
  });

  it('prints nothing that a terminal acts on, and JSON that is exact all the same', async () => {
    const requests = hostileRequests();
    writeHistory(join(home.path, 'history.sqlite'), requests);
    const filtered = await rows(
      '--since',
      '5200w',
      '--filter',
      'is:error !id:request-00000003',
      '--limit',
      '3',
    );
    const wanted = requests.filter((_, index) => index !== 3).slice(-3);
    expect(filtered).toEqual(wanted.map(historyRow));
    for (const format of ['--csv', '--har']) {
      const { stdout } = await home.run(['history', format, '--since', '5200w']);
      expect(stdout.replaceAll(/\r?\n/g, '')).not.toMatch(hostileCharacter);
    }
    const json = await home.run(['history', '--json', '--since', '5200w']);
    expect(json.stdout.replaceAll('\n', '')).not.toMatch(hostileCharacter);
    const printed = json.stdout.trimEnd().split('\n');
    expect(printed.map((line): unknown => JSON.parse(line))).toEqual(requests.map(historyRow));
    const table = await home.run(['history', '--since', '5200w']);
    expect(table.stdout.replaceAll('\n', '')).not.toMatch(hostileCharacter);
    expect(table.stdout.trimEnd().split('\n')).toHaveLength(requests.length + 1);
    expect(table.stdout).toContain('500 error');
    expect(table.stdout).toContain('api: \\x1b]0;owned\\x07');
  });

  it.each([
    [['history', '--since', 'yesterday'], /^ccr-tui: --since: .*yesterday; write it as [^\n]+\n$/],
    [['history', '--limit', '0'], /^ccr-tui: --limit: [^\n]+\n$/],
    [['history', '--limit', 'all'], /^ccr-tui: --limit: [^\n]+\n$/],
    [['history', '--filter', 'ok (status>x'], /^ccr-tui: --filter: column 12: status wants a number\n$/],
    [['history', '--csv', '--json'], /^ccr-tui: --json and --csv are different formats; choose one\n$/],
    [['history', '--har', '--follow'], /^ccr-tui: --har is one document [^\n]+; use --json\n$/],
  ] as const)('refuses %j in one line, exit 2', async (args, stderr) => {
    const ran = await home.run(args);
    expect(ran).toMatchObject({ code: 2, stdout: '' });
    expect(ran.stderr).toMatch(stderr);
  });
});
