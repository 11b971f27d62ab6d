import { setImmediate as otherWork } from 'node:timers/promises';
import type { CaptureMode, PassedBody, PassedCapture } from '../shared/capture.ts';
import type { Clock } from '../shared/clock.ts';
import type { LogLevel } from '../shared/events.ts';
import { plural } from '../shared/plural.ts';
import { maskWords, wordsOf } from '../shared/redact.ts';
import type { Secret } from '../shared/secret.ts';
import { Capture, headBytes } from './capture.ts';
import type { Exchange } from './exchange.ts';
import type { KeptBytes } from './kept-bytes.ts';
import { redactHeaders, redactTarget, shownCredentials } from './redact-head.ts';
import { ReplayMemory } from './replay-memory.ts';
import { isPacked, unpackBody } from './unpack-body.ts';

/** Which requests are captured, and how many bytes of each of their bodies. */
export type CaptureRules = { mode: CaptureMode; bodyBytes: number };

export type CapturesOptions = {
  /** The secrets that are at hand now. */
  secrets(): Iterable<Secret>;
  /** Takes it on; `taken` is told when it holds no memory any more. */
  send(capture: PassedCapture): void;
  clock: Pick<Clock, 'monotonic'>;
  log(level: LogLevel, text: string): void;
  /** Bytes of all captures together, of requests under way and of those that were not taken yet. */
  mostBytes?: number | undefined;
};

export const mostCaptured = 64 * 1_048_576;

type Finished = Pick<Exchange, 'id' | 'at' | 'request' | 'upload'>;

/** The capturing of requests: nothing waits for it, and what there is no memory for is left out. */
export class Captures {
  /** Captures that were left out, because there was no memory for them. */
  lost = 0;
  readonly #options: CapturesOptions;
  readonly #memory: ReplayMemory;
  #rules: CaptureRules = { mode: 'off', bodyBytes: 0 };
  readonly #queue: [exchange: Finished, capture: Capture][] = [];
  /** What each capture that was sent and not taken yet counts for. */
  readonly #sent: number[] = [];
  #working: Promise<void> | null = null;
  #told = 0;
  #tellAt = Number.NEGATIVE_INFINITY;

  constructor(options: CapturesOptions) {
    this.#options = options;
    this.#memory = new ReplayMemory(options.mostBytes ?? mostCaptured);
  }

  /** Says how many were left out since it said so last, at most once a minute. */
  tick(): void {
    const now = this.#options.clock.monotonic();
    if (this.lost === this.#told || now < this.#tellAt) return;
    const text = `${plural(this.lost - this.#told, 'request was', 'requests were')} not captured: there was no memory for them`;
    this.#options.log('warning', text);
    this.#told = this.lost;
    this.#tellAt = now + 60_000;
  }

  /** For requests that come from now on. */
  set(rules: CaptureRules): void {
    this.#rules = rules;
  }

  /** For a request that comes; null = it is not captured. */
  open(exchange: Finished): Capture | null {
    const { mode, bodyBytes } = this.#rules;
    if (mode === 'off') return null;
    return new Capture(bodyBytes, this.#memory, mode === 'errors', (capture) => this.#add(exchange, capture));
  }

  /** So many of those that were sent are in the memory of nobody any more. */
  taken(count: number): void {
    for (const bytes of this.#sent.splice(0, count)) this.#memory.give(bytes);
  }

  /** Resolves when everything was sent that has finished. */
  settled(): Promise<void> {
    return this.#working ?? Promise.resolve();
  }

  /** Bytes in use. */
  get used(): number {
    return this.#memory.used;
  }

  #add(exchange: Finished, capture: Capture): void {
    if (this.#rules.mode === 'off' || !this.#memory.take(headBytes)) {
      if (this.#rules.mode !== 'off') this.lost += 1;
      capture.release();
      return;
    }
    this.#queue.push([exchange, capture]);
    this.#working ??= this.#work();
  }

  /** One after the other, each in a turn of its own: what passes through meanwhile comes first. */
  async #work(): Promise<void> {
    for (let next = this.#queue.shift(); next; next = this.#queue.shift()) {
      await otherWork();
      try {
        await this.#handOn(...next);
      } catch {
        // The thread serves everybody: it must not end for what is only looked at later.
        this.#options.log('error', 'a request was not captured: the proxy failed on it');
        next[1].release();
        this.#memory.give(headBytes);
      }
    }
    this.#working = null;
  }

  async #handOn(exchange: Finished, capture: Capture): Promise<void> {
    const passed = await this.#passed(exchange, capture);
    capture.release();
    const bytes = passed.body.bytes.length + (passed.answer?.body.bytes.length ?? 0);
    // It had that memory a moment ago, but for what came compressed.
    if (!this.#memory.take(bytes)) {
      this.lost += 1;
      this.#memory.give(headBytes);
      return;
    }
    this.#options.send(passed);
    this.#sent.push(headBytes + bytes);
  }

  async #passed({ id, at, request, upload }: Finished, capture: Capture): Promise<PassedCapture> {
    const { method = 'GET', url = '/', rawHeaders, headers } = request;
    const words = wordsOf([...this.#known(capture), ...shownCredentials(rawHeaders, url)]);
    const encoding = (headers['content-encoding'] ?? '').trim().toLowerCase();
    const { answer } = capture;
    return {
      id,
      at,
      method,
      target: redactTarget(url, words),
      headers: redactHeaders(rawHeaders, words),
      body: await this.#body(capture.request, {
        encoding,
        words,
        isWhole: capture.isRequestWhole || upload?.isOver === true,
      }),
      answer: answer && {
        status: answer.status,
        headers: redactHeaders(answer.headers, words),
        body: await this.#body(answer.body, {
          encoding: answer.encoding,
          words,
          isWhole: answer.isWhole,
        }),
      },
    };
  }

  *#known({ secrets }: Capture): Generator<string> {
    for (const secret of this.#options.secrets()) yield secret.reveal();
    for (const secret of secrets) yield secret.reveal();
  }

  async #body(kept: KeptBytes, { encoding, words, isWhole }: BodyFacts): Promise<PassedBody> {
    const packed = isPacked(encoding);
    const facts = { total: kept.total, whole: isWhole, encoding: packed ? encoding : null };
    const taken = kept.taken();
    const nothing = (problem: string | null): PassedBody => ({
      ...facts,
      bytes: new Uint8Array(0),
      cut: kept.total > 0,
      problem,
    });
    if (kept.isLost) return nothing('there was no memory for it');
    if (taken.length === 0) return nothing(null);
    const cut = taken.length < kept.total;
    if (!packed) return { ...facts, bytes: masked(taken, words, isWhole && !cut), cut, problem: null };
    const unpacked = await unpackBody(taken, encoding, this.#rules.bodyBytes || taken.length);
    if (unpacked === null) return nothing('it could not be unpacked');
    const isCut = cut || unpacked.isCut;
    return { ...facts, bytes: masked(unpacked.bytes, words, isWhole && !isCut), cut: isCut, problem: null };
  }
}

type BodyFacts = { encoding: string; words: readonly string[]; isWhole: boolean };

/** A copy without these words, which can be given away. */
const masked = (bytes: Uint8Array, words: readonly string[], isWhole: boolean): Uint8Array => {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
  return new Uint8Array(Buffer.from(maskWords(text, words, isWhole), 'latin1'));
};
