import type { Considered, Decision } from '../shared/decision.ts';
import { consideredOf, type Judged, type Telling } from './choice-words.ts';

/**
 * Made into words when somebody reads them: most choices of a request that waits are read by nobody, and of those that
 * are, the words are made when their row goes, not while its client waits. A class, because an object with an accessor of
 * its own costs more than all the rest of a choice (measured: 0.9 µs).
 */
export class WordedDecision implements Decision {
  readonly strategy: string;
  readonly affinity: Decision['affinity'];
  readonly rewriteTokens: number | null;
  #judged: readonly Judged[];
  readonly #telling: Telling;
  #considered: readonly Considered[] | null = null;

  constructor(strategy: string, judged: readonly Judged[], telling: Telling) {
    const { affinity, tokens } = telling;
    this.strategy = strategy;
    this.affinity = affinity;
    this.rewriteTokens = tokens > 0 && (affinity === 'warm' || affinity === 'moved') ? tokens : null;
    this.#judged = judged;
    this.#telling = telling;
  }

  get considered(): readonly Considered[] {
    if (this.#considered !== null) return this.#considered;
    this.#considered = consideredOf(this.#judged, this.#telling);
    this.#judged = [];
    return this.#considered;
  }

  /** As plain data: in JSON nothing of it is missing. */
  toJSON(): Decision {
    const { strategy, affinity, considered, rewriteTokens } = this;
    return { strategy, affinity, considered, rewriteTokens };
  }
}
