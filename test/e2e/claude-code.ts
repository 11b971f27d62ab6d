// `npm run e2e:claude-code`: the real Claude Code works through the real program, against the simulated provider.
// Installs Claude Code (pinned, about 380 MB) into a cache folder outside the repository, once.

import { startUpstream, type Upstream } from '../../source/demo/upstream.ts';
import { claude, installClaudeCode } from '../kit/claude-code.ts';
import { startProgram, type Program } from '../kit/program.ts';
import { temporaryHome } from '../kit/temporary-home.ts';
import { connected } from './claude-code-connected.ts';
import { firstMinute } from './claude-code-first-minute.ts';

let failures = 0;
const check = (what: string, holds: boolean, seen: unknown): void => {
  if (!holds) failures += 1;
  process.stdout.write(
    `${holds ? 'ok    ' : 'FAILED'} ${what}${holds ? '' : `: ${JSON.stringify(seen ?? null).slice(0, 2000)}`}\n`,
  );
};

const addAccount = async (home: string, name: string, upstream: Upstream): Promise<void> => {
  const args = ['account', 'add', name, '--base-url', upstream.url];
  const added = startProgram(args, {
    home,
    input: `sk-ant-api03-e2e-${name}-not-a-key\n`,
    env: { CCR_TUI_CREDENTIAL_STORE: 'vault' },
  });
  const { code, stderr } = await added.exit;
  check(`account ${name} is added`, code === 0, stderr);
};

type Row = {
  account: string;
  session: string;
  agent: string;
  outcome: string;
  status: number;
  attempts: { account: string }[];
};

const readHistory = async (home: string): Promise<Row[]> => {
  const { stdout } = await startProgram(['history', '--json'], { home }).exit;
  return stdout
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Row);
};

/** The rows, once there are so many: a row is on the disk within a second of its request's end. */
const history = async (home: string, count: number): Promise<Row[]> => {
  const ends = performance.now() + 5000;
  for (;;) {
    const rows = await readHistory(home);
    if (rows.length >= count || performance.now() > ends) return rows;
  }
};

/** Claude Code asks again by itself when an answer is cut. */
const cutAnswers = async (home: string, upstream: Upstream): Promise<void> => {
  for (const fault of ['reset-mid-body', 'end-mid-chunk', 'no-message-stop'] as const) {
    const before = (await readHistory(home)).length;
    upstream.fail({ fault, times: 1 });
    const turn = await claude(home, ['-p', 'this answer is cut']);
    check(`a turn whose answer is cut is asked again and ends well (${fault})`, turn.code === 0, turn);
    const outcomes = (await history(home, before + 2)).slice(before).map(({ outcome }) => outcome);
    const repeated = outcomes.includes('truncated') && outcomes.at(-1) === 'ok';
    check('and the rows say so', repeated, outcomes);
    upstream.clearFaults();
  }
};

const main = async (): Promise<void> => {
  installClaudeCode();
  await firstMinute(check);
  await connected(check);
  const home = await temporaryHome();
  const limits = { kind: 'unified' } as const;
  const upstream = await startUpstream({
    accounts: ['work', 'home'].map((name) => ({ name, key: `sk-ant-api03-e2e-${name}-not-a-key`, limits })),
    pace: { pieceMs: 2 },
  });
  let serve: Program | null = null;
  try {
    await addAccount(home.path, 'work', upstream);
    await addAccount(home.path, 'home', upstream);
    serve = startProgram(['serve', '--port', '0', '--json'], { home: home.path });
    await serve.waitForLine('listening');

    const first = await claude(home.path, ['-p', 'say hello']);
    check('claude -p answers through the proxy', first.code === 0 && first.stdout.trim() !== '', first);
    const [row] = await history(home.path, 1);
    check(
      'the row names Claude Code and its session',
      row?.agent === 'claude-code' && row.session !== null,
      row,
    );

    const second = await claude(home.path, ['-p', '--continue', 'and again']);
    check('a second turn answers', second.code === 0, second);
    const turns = await history(home.path, 2);
    check(
      'the conversation stays on its account',
      new Set(turns.map(({ account }) => account)).size === 1,
      turns,
    );

    const serving = turns[0]?.account ?? 'work';
    upstream.fail({ fault: 'bare-429', account: serving });
    const third = await claude(home.path, ['-p', '--continue', 'and once more']);
    check('a turn succeeds although its account refuses', third.code === 0, third);
    const last = (await history(home.path, turns.length + 1)).at(-1);
    check('it was served by the other account', last?.account !== serving && last?.outcome === 'ok', last);
    upstream.clearFaults();

    await cutAnswers(home.path, upstream);

    upstream.fail({ fault: 'stall-mid-body', times: 1 });
    const started = upstream.requests.length;
    const begun = upstream.awaitRequest(
      ({ seq, path }) => seq > started && path.startsWith('/v1/messages'),
      60_000,
    );
    const aborted = claude(home.path, ['-p', 'this one is interrupted'], { interruptWhen: begun });
    const closed = await upstream
      .awaitClose((arrival) => arrival.seq > started && arrival.end === 'client-left', 30_000)
      .catch(() => null);
    await aborted;
    check('an interrupt reaches the provider', closed !== null, upstream.requests.at(-1));
    const keys = upstream.requests.every(
      ({ rawHeaders }) => !rawHeaders.join('\n').toLowerCase().includes('authorization'),
    );
    check("no credential of the client's went upstream", keys, upstream.requests.at(-1)?.rawHeaders);
  } finally {
    serve?.signal('SIGTERM');
    const ended = await serve?.exit;
    check('serve ends with 0', ended?.code === 0, ended);
    await upstream.close();
    await home.remove();
  }
  process.stdout.write(`${failures === 0 ? 'all' : `${failures} failed, the other`} checks hold\n`);
  process.exitCode = failures === 0 ? 0 : 1;
};

await main();
