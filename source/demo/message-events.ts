import type { Json } from './parse-request.ts';
import type { PromptTokens } from './prompt-cache.ts';
import type { Block, Reply } from './replies.ts';

/** An answer as a whole: what the stream and the JSON body say in different words. */
export type Message = { id: string; model: string; reply: Reply; prompt: PromptTokens };

const usageOf = ({ prompt }: Message, outputTokens: number): Json => ({
  input_tokens: prompt.input,
  cache_creation_input_tokens: prompt.cacheWrite5m + prompt.cacheWrite1h,
  cache_read_input_tokens: prompt.cacheRead,
  cache_creation: {
    ephemeral_5m_input_tokens: prompt.cacheWrite5m,
    ephemeral_1h_input_tokens: prompt.cacheWrite1h,
  },
  output_tokens: outputTokens,
});

const serverFacts = { service_tier: 'standard', inference_geo: 'not_available' };

/** The body of a non-streaming answer. */
export const messageJson = (message: Message): Json => ({
  model: message.model,
  id: message.id,
  type: 'message',
  role: 'assistant',
  content: message.reply.blocks,
  stop_reason: message.reply.stopReason,
  stop_sequence: null,
  usage: { ...usageOf(message, message.reply.outputTokens), ...serverFacts },
});

/** One server-sent event as it stands on the wire; the type is its name. */
export const sseEvent = (data: Json & { type: string }): string =>
  `event: ${data.type}\ndata: ${JSON.stringify(data)}\n\n`;

const isHighSurrogate = (code: number): boolean => code >= 0xd800 && code <= 0xdbff;

/** The text in parts of about `length`, never cutting a character in two; one empty part when it is empty. */
const pieces = (text: string, length: number): string[] => {
  const parts: string[] = [];
  let from = 0;
  do {
    const end = from + length;
    const to = isHighSurrogate(text.charCodeAt(end - 1)) ? end + 1 : end;
    parts.push(text.slice(from, to));
    from = to;
  } while (from < text.length);
  return parts;
};

const emptyBlock = (block: Block): Json => {
  if (block.type === 'text') return { type: 'text', text: '' };
  if (block.type === 'thinking') return { type: 'thinking', thinking: '', signature: '' };
  return { type: 'tool_use', id: block.id, name: block.name, input: {} };
};

const deltas = (block: Block, length: number): Json[] => {
  if (block.type === 'text') return pieces(block.text, length).map((text) => ({ type: 'text_delta', text }));
  if (block.type === 'thinking') {
    return [
      ...pieces(block.thinking, length).map((thinking) => ({ type: 'thinking_delta', thinking })),
      { type: 'signature_delta', signature: block.signature },
    ];
  }
  return ['', ...pieces(JSON.stringify(block.input), length)].map((partial_json) => ({
    type: 'input_json_delta',
    partial_json,
  }));
};

/** The events of a streaming answer, in order, one string each. A delta carries about `deltaLength` characters. */
export const messageEvents = (message: Message, deltaLength = 24): string[] => {
  const { reply } = message;
  const start = {
    ...messageJson(message),
    content: [],
    stop_reason: null,
    usage: { ...usageOf(message, 1), ...serverFacts },
  };
  const content = reply.blocks.flatMap((block, index) => [
    sseEvent({ type: 'content_block_start', index, content_block: emptyBlock(block) }),
    ...(index === 0 ? [sseEvent({ type: 'ping' })] : []),
    ...deltas(block, deltaLength).map((delta) => sseEvent({ type: 'content_block_delta', index, delta })),
    sseEvent({ type: 'content_block_stop', index }),
  ]);
  return [
    sseEvent({ type: 'message_start', message: start }),
    ...content,
    sseEvent({
      type: 'message_delta',
      delta: { stop_reason: reply.stopReason, stop_sequence: null },
      usage: usageOf(message, reply.outputTokens),
    }),
    sseEvent({ type: 'message_stop' }),
  ];
};
