import type { CapturedRequest } from '../shared/capture.ts';
import { safeJson } from '../shared/sanitize.ts';
import { historyRow } from './history-row.ts';
import type { PricedRequest } from './state.ts';
import { csvHead, csvLine } from './history-csv.ts';
import { harEntry, harHead, harTail } from './history-har.ts';

/** Finished requests as text, some at a time. One format prints one list. */
export type RowFormat = {
  /** The text of the next rows, with what stands before the first ones. */
  rows(requests: readonly PricedRequest[]): string;
  /** What stands behind all of them; all there is of a list without any. */
  end(): string;
};

/** JSON objects, one per line. */
const json = (): RowFormat => ({
  rows: (requests) => requests.map((request) => `${safeJson(historyRow(request))}\n`).join(''),
  end: () => '',
});

type Frame = { head: string; between: string; tail: string };

/** Rows with something before, between and behind them. */
const framed = ({ head, between, tail }: Frame, row: (request: PricedRequest) => string): RowFormat => {
  let isFirst = true;
  return {
    rows(requests) {
      const before = isFirst ? head : between;
      isFirst = false;
      return before + requests.map(row).join(between);
    },
    end: () => (isFirst ? head : '') + tail,
  };
};

/** What was captured of the request of that id; null = nothing. */
export type CaptureOf = (id: string) => CapturedRequest | null;

/** The formats that are asked for by an option of their name. */
export const rowFormats: Readonly<Record<string, (version: string, captureOf?: CaptureOf) => RowFormat>> = {
  json,
  csv: () => framed({ head: csvHead, between: '', tail: '' }, (request) => csvLine(historyRow(request))),
  har: (version, captureOf) =>
    framed({ head: harHead(version), between: ',\n', tail: harTail }, (request) =>
      safeJson(harEntry(historyRow(request), captureOf?.(request.id) ?? null)),
    ),
};
