import type { MessageRequest } from './parse-request.ts';
import { isJson, type Json } from './parse-request.ts';
import { tokensOf } from './prompt-cache.ts';
import { randomId } from './random.ts';
import type { Random } from '../shared/seeded-random.ts';
import type { Pace } from './send-answer.ts';

export type Block =
  | { type: 'text'; text: string }
  | { type: 'thinking'; thinking: string; signature: string }
  | { type: 'tool_use'; id: string; name: string; input: unknown };

export type Reply = {
  blocks: readonly Block[];
  stopReason: 'end_turn' | 'max_tokens' | 'tool_use';
  outputTokens: number;
  /** How fast it is said; as everything else by default. */
  pace?: Pace;
};

/** What the model says to a request. */
export type Replier = (request: MessageRequest, random: Random) => Reply;

const words =
  'the window opens again when its period is over and every token of this answer counts against it so a stream flows in small pieces while the next request waits for an account with room to spare'.split(
    ' ',
  );

const prose = (count: number, random: Random): string => {
  const said = Array.from({ length: count }, () => words[Math.floor(random() * words.length)] ?? 'the');
  const text = said.join(' ');
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
};

/** Some value that a tool's JSON schema accepts, as far as its types and required properties go. */
const valueFor = (schema: unknown): unknown => {
  if (!isJson(schema)) return 'value';
  if (Array.isArray(schema.enum)) return schema.enum[0];
  const plain: Json = { number: 1, integer: 1, boolean: true, array: [], null: null };
  if (schema.type !== 'object') return plain[String(schema.type)] ?? 'value';
  const properties = isJson(schema.properties) ? schema.properties : {};
  const required = Array.isArray(schema.required) ? schema.required.map(String) : [];
  return Object.fromEntries(required.map((name) => [name, valueFor(properties[name])]));
};

const textOf = (block: Block): string => {
  if (block.type === 'text') return block.text;
  return block.type === 'thinking' ? block.thinking : JSON.stringify(block.input);
};

/** An answer of these blocks, cut (as the API does) when it is longer than `maxTokens`; tokens counted by its length. */
export const replyOf = (blocks: readonly Block[], maxTokens = Infinity): Reply => {
  const outputTokens = tokensOf(blocks.reduce((sum, block) => sum + Buffer.byteLength(textOf(block)), 0));
  const last = blocks.at(-1);
  if (outputTokens > maxTokens && last?.type === 'text') {
    const before = outputTokens - tokensOf(Buffer.byteLength(last.text));
    const text = last.text.slice(0, Math.max(1, maxTokens - before) * 4);
    return {
      blocks: [...blocks.slice(0, -1), { type: 'text', text }],
      stopReason: 'max_tokens',
      outputTokens: maxTokens,
    };
  }
  return { blocks, stopReason: last?.type === 'tool_use' ? 'tool_use' : 'end_turn', outputTokens };
};

/**
 * A replier that says so many words of text, thinking before it when the request asks for thinking, a tool call after it
 * when the request forces one. It never calls a tool by itself: a real client would carry the call out.
 */
export const createReplier =
  (wordCount: (request: MessageRequest, random: Random) => number): Replier =>
  (request, random) => {
    const thinking: Block[] = request.thinking
      ? [{ type: 'thinking', thinking: prose(12, random), signature: randomId('c2lt', random) }]
      : [];
    const tool = request.forcedTool;
    const text = prose(wordCount(request, random), random);
    const call: Block[] =
      tool === null
        ? []
        : [
            {
              type: 'tool_use',
              id: randomId('toolu_01', random),
              name: tool.name,
              input: valueFor(tool.schema),
            },
          ];
    return replyOf([...thinking, { type: 'text', text }, ...call], request.maxTokens);
  };

/** The usual one: 15 to 120 words, or 5 before a tool call. */
export const usualReply = createReplier(({ forcedTool }, random) =>
  forcedTool === null ? 15 + Math.floor(random() * 106) : 5,
);

/** A replier that says the same to everyone; `outputTokens` replaces the count by length. */
export const fixedReply =
  (text: string, outputTokens?: number): Replier =>
  () => ({ ...replyOf([{ type: 'text', text }]), ...(outputTokens === undefined ? {} : { outputTokens }) });
