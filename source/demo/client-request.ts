import type { Conversation, Turn } from './scenario.ts';

/** A request as the program behind a conversation sends it. */
export type ClientRequest = {
  path: string;
  headers: Readonly<Record<string, string>>;
  body: string;
};

type Block = Readonly<Record<string, unknown>>;
type Message = { role: 'user' | 'assistant'; content: Block[] };

const sentence =
  'read the file and see what the test says then change the smallest part that makes it pass and run it again before you go on with the next one ';

/** So many characters; different ones for another `seed`. */
const text = (length: number, seed: number): string =>
  `${seed} ${sentence.repeat(Math.ceil(length / sentence.length))}`.slice(0, Math.max(1, length));

const tools: readonly Block[] = ['Read', 'Edit', 'Bash'].map((name) => ({
  name,
  description: text(700, 0),
  input_schema: { type: 'object', properties: { path: { type: 'string' } }, required: ['path'] },
}));

const callId = (index: number): string => `toolu_01demo${index}`;

/** What turn `index` adds: the question, or the result of the tool that the turn before it called. */
const userMessage = ({ turns }: Conversation, index: number): Message => {
  const said = text(turns[index]?.added ?? 1, index);
  const block = turns[index - 1]?.tool
    ? { type: 'tool_result', tool_use_id: callId(index - 1), content: said }
    : { type: 'text', text: said };
  return { role: 'user', content: [block] };
};

/** The answer to turn `index` as the program keeps it. */
const assistantMessage = ({ turns }: Conversation, index: number): Message => {
  const said: Block = { type: 'text', text: text(400, index) };
  const call = { type: 'tool_use', id: callId(index), name: 'Read', input: { path: 'source/main.ts' } };
  return { role: 'assistant', content: turns[index]?.tool ? [said, call] : [said] };
};

const cached = { cache_control: { type: 'ephemeral' } };

/** All that has been said before turn `index`, to whose end the cache reaches, and what the turn adds. */
const messagesOf = (conversation: Conversation, index: number): Message[] => {
  const before = Array.from({ length: index }, (_, turn) => [
    userMessage(conversation, turn),
    assistantMessage(conversation, turn),
  ]).flat();
  const last = before.at(-1)?.content;
  const block = last?.at(-1);
  if (last !== undefined && block !== undefined && conversation.program === 'claude-code') {
    last.splice(-1, 1, { ...block, ...cached });
  }
  return [...before, userMessage(conversation, index)];
};

const seedOf = ({ session, agent }: Conversation): number =>
  Number.parseInt((agent ?? session ?? '0').slice(0, 6), 16);

const programs = {
  'claude-code': {
    'user-agent': 'claude-cli/2.1.330 (external, cli)',
    'anthropic-beta': 'claude-code-20250219,interleaved-thinking-2025-05-14',
    'x-app': 'cli',
  },
  sdk: { 'user-agent': 'Anthropic/Python 0.97.0' },
} as const satisfies Record<Conversation['program'], Record<string, string>>;

const headersOf = ({ program, session, agent }: Conversation): Record<string, string> => ({
  'content-type': 'application/json',
  'anthropic-version': '2023-06-01',
  authorization: 'Bearer demo',
  ...programs[program],
  ...(session === null ? {} : { 'x-claude-code-session-id': session }),
  ...(agent === null ? {} : { 'x-claude-code-agent-id': agent }),
});

const promptOf = (conversation: Conversation, turn: Turn, index: number): Record<string, unknown> => {
  const rules = { type: 'text', text: text(conversation.system, seedOf(conversation)) };
  const isCode = conversation.program === 'claude-code';
  return {
    model: turn.model,
    messages: messagesOf(conversation, index),
    system: [isCode ? { ...rules, ...cached } : rules],
    ...(isCode ? { tools } : {}),
  };
};

/** The request of turn `index` of a conversation; null behind its last one. */
export const turnRequest = (conversation: Conversation, index: number): ClientRequest | null => {
  const turn = conversation.turns[index];
  if (turn === undefined) return null;
  const body = {
    ...promptOf(conversation, turn, index),
    max_tokens: 32_000,
    // The simulated model calls a tool only when it has to.
    ...(turn.tool ? { tool_choice: { type: 'any' } } : {}),
    stream: turn.stream,
  };
  const path = conversation.program === 'claude-code' ? '/v1/messages?beta=true' : '/v1/messages';
  return { path, headers: headersOf(conversation), body: JSON.stringify(body) };
};

/** The question how long the prompt of turn `index` is; null where the program does not ask. */
export const countRequest = (conversation: Conversation, index: number): ClientRequest | null => {
  const turn = conversation.turns[index];
  if (turn === undefined || !turn.count) return null;
  return {
    path: '/v1/messages/count_tokens?beta=true',
    headers: headersOf(conversation),
    body: JSON.stringify(promptOf(conversation, turn, index)),
  };
};
