import type { Exchange } from './exchange.ts';
import { errorBody } from './own-answer.ts';
import { messagesPath } from './route-table.ts';
import type { UpstreamResponse } from './upstream-response.ts';

/**
 * What tells a client, within a stream of events, that the rest will not come; null for an answer to close without a word.
 * SDKs take the end of a connection for a failure of the network, and say little; an error event they show. Claude Code
 * asks again, cheaper without the event. Nothing can be added to a compressed answer, nor behind an announced length.
 */
export const cutEventOf = (
  exchange: Pick<Exchange, 'path' | 'id' | 'description' | 'cut'>,
  upstream: Pick<UpstreamResponse, 'headers' | 'length'>,
): (() => string) | null => {
  const { path, id, description } = exchange;
  const { 'content-type': type, 'content-encoding': encoding = 'identity' } = upstream.headers;
  const isEvents = path === messagesPath && type?.toLowerCase().startsWith('text/event-stream') === true;
  if (!isEvents || encoding.toLowerCase() !== 'identity' || upstream.length !== null) return null;
  if (description?.agent === 'claude-code') return null;
  return () => {
    const why = exchange.cut ? stopped : cutOff;
    return `event: error\ndata: ${errorBody({ ...why, envelope: 'anthropic', requestId: id })}\n\n`;
  };
};

const cutOff = { code: 'upstream_unreachable', message: 'The answer of the provider was cut off.' } as const;
const stopped = { code: 'shutting_down', message: 'The proxy was stopped.' } as const;
