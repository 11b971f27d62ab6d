import { resolvePaths } from '../config/paths.ts';
import { readCapture, readRequest } from '../history/queries.ts';
import type { CapturedBody, CapturedHeaders, CapturedRequest } from '../shared/capture.ts';
import { elapsed } from '../shared/duration.ts';
import { CcrError } from '../shared/errors.ts';
import { plural } from '../shared/plural.ts';
import { sanitize } from '../shared/sanitize.ts';
import { historyRow } from '../store/history-row.ts';
import type { PricedRequest } from '../store/state.ts';
import { outcomeWord } from '../store/wording.ts';
import type { CommandContext } from './context.ts';
import { openCaptures, type FoundCapture } from './open-captures.ts';
import { printJson, printLines } from './print.ts';

const noteOf = ({ bytes, cut, whole, encoding, problem }: CapturedBody): string => {
  const size = plural(bytes, 'byte');
  const notes = [
    problem === null ? null : `not kept: ${problem}`,
    cut && problem === null ? 'the beginning is kept' : null,
    whole ? null : 'it did not come to its end',
    encoding === null ? null : `it came as ${encoding}`,
  ].filter((note) => note !== null);
  return `(${[size, ...notes].join(', ')})`;
};

const textLines = (text: string): string[] => text.split('\n').map((line) => line.replace(/\r$/, ''));

const bodyLines = (body: CapturedBody): string[] => {
  if (body.bytes === 0) return [];
  const text = body.base64 === null ? (body.text ?? '') : '(not a text; --json has it as base64)';
  return ['', ...textLines(text), noteOf(body)];
};

const headLines = (headers: CapturedHeaders): string[] => headers.map(([name, value]) => `${name}: ${value}`);

const captureLines = ({ method, target, headers, body, answer }: CapturedRequest): string[] => [
  `${method} ${target}`,
  ...headLines(headers),
  ...bodyLines(body),
  '',
  ...(answer === null
    ? ['no answer']
    : [String(answer.status), ...headLines(answer.headers), ...bodyLines(answer.body)]),
];

const rowLine = (request: PricedRequest): string => {
  const { at, account, status, model, totalMs } = historyRow(request);
  const outcome = `${status ?? '—'} ${outcomeWord(request).word}`;
  return [at, account ?? '—', outcome, model ?? '—', elapsed(totalMs)].join('  ');
};

/** What is printed of the request; `found` says what was captured of it. */
export const shownLines = (request: PricedRequest | null, found: FoundCapture): string[] => [
  ...(request === null ? [] : [rowLine(request)]),
  ...(found.kind === 'found'
    ? ['', ...captureLines(found.capture)]
    : ['nothing of its head and body was kept; ccr-tui config set capture errors keeps those of failures']),
];

/** `history show ID`: one request with what was captured of it; exit 3 for one that is not in the history. */
export const run = async (context: CommandContext): Promise<number> => {
  const { positionals, options, env, stdout } = context;
  const { history: file } = resolvePaths(env);
  const id = positionals[0] ?? '';
  const request = readRequest(file, id);
  const sealed = readCapture(file, id);
  if (request === null && sealed === null) {
    throw new CcrError('unknown_request', `there is no request ${sanitize(id, 60)} in the history`, {
      hint: 'ccr-tui history --json has the id of each',
    });
  }
  const captures = await openCaptures(context, file, new Set(sealed === null ? [] : [sealed.keyId]));
  const found = captures.of(id);
  if (found.kind === 'unreadable') {
    throw new CcrError(
      'store_unavailable',
      `what was captured of ${sanitize(id, 60)} cannot be read: ${found.reason}`,
    );
  }
  if (options['json'] === true) {
    const capture = found.kind === 'found' ? found.capture : null;
    await printJson(stdout, { id, ...(request === null ? {} : historyRow(request)), capture });
  } else await printLines(stdout, shownLines(request, found));
  return 0;
};
