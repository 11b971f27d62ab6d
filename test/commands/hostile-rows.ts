import { awkwardText, hostileText } from '../kit/hostile-text.ts';
import { pricedSample } from '../store/samples.ts';
import type { PricedRequest } from '../../source/store/state.ts';

export const everyText: readonly string[] = [...hostileText, ...awkwardText].map(([, text]) => text);

/** A request for each hostile text, with it in every field that can carry text from outside. */
export const hostileRequests = (): PricedRequest[] =>
  everyText.map((text, index) =>
    pricedSample(index, {
      method: text,
      path: text,
      clientAddress: text,
      agent: text,
      session: text,
      model: text,
      upstreamModel: text,
      account: text,
      outcome: 'error',
      status: 500,
      stopReason: text,
      upstreamRequestId: text,
      error: `api_error: ${text}`,
    }),
  );
