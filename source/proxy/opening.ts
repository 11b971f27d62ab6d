import { hash } from 'node:crypto';
import { isRecord } from '../shared/is-record.ts';

// Clients that name no session are known by what their conversation opens with: it stays the same in every turn, and it is
// what a prompt cache begins with.

/** Bytes of its parts beyond which nobody looks at them. */
export const longestOpening = 1_048_576;

/** Marks of the cache wander to the newest message with every turn: they are no part of what is said. */
const cacheMark = /,"cache_control":(?:null|\{[^{}]*\})|"cache_control":(?:null|\{[^{}]*\}),?/g;

/** A text may become a list of one block from one turn to the next, so that a mark finds a place. */
const asBlocks = (content: unknown): unknown =>
  typeof content === 'string' ? [{ type: 'text', text: content }] : content;

/** Of a text, or of one block that is nothing but a text: that text; null of anything else. */
const plainText = (content: unknown): string | null => {
  if (typeof content === 'string') return content;
  const block: unknown = Array.isArray(content) && content.length === 1 ? content[0] : undefined;
  if (!isRecord(block) || block['type'] !== 'text' || typeof block['text'] !== 'string') return null;
  return Object.keys(block).every((key) => textKeys.has(key)) ? block['text'] : null;
};

const textKeys: ReadonlySet<string> = new Set(['type', 'text', 'cache_control']);

/** What a conversation of texts alone opens with, without writing it as JSON; null of one that has more. */
const plainOpening = ({ system = '', tools, messages }: Readonly<Record<string, unknown>>): string | null => {
  const first: unknown = Array.isArray(messages) ? messages[0] : undefined;
  if (tools !== undefined || !isRecord(first) || typeof first['role'] !== 'string') return null;
  const asked = plainText(first['content']);
  const told = asked === null ? null : plainText(system);
  return told === null ? null : `${told}\0${first['role']}\0${asked}`;
};

const firstMessage = (messages: unknown): unknown => {
  const first: unknown = Array.isArray(messages) ? messages[0] : undefined;
  return isRecord(first) ? [first['role'], asBlocks(first['content'])] : undefined;
};

/** null of what is nested deeper than can be written; it can be read. */
const textOf = (parts: unknown): string | null => {
  try {
    return JSON.stringify(parts);
  } catch {
    return null;
  }
};

/**
 * A name for the conversation that opens with this system prompt, these tools and this first message; null where there is
 * no message. It holds no `/`, as the names of sessions and their agents do.
 */
export const openingOf = (fields: Readonly<Record<string, unknown>>): string | null => {
  const plain = plainOpening(fields);
  if (plain !== null) return `#${hash('sha1', plain, 'hex')}`;
  const { system, tools, messages } = fields;
  const first = firstMessage(messages);
  if (first === undefined) return null;
  const text = textOf([asBlocks(system), tools, first]);
  if (text === null) return null;
  const said = text.includes('"cache_control"') ? text.replace(cacheMark, '') : text;
  return `#${hash('sha1', said, 'hex')}`;
};
