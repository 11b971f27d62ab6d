export type Json = Readonly<Record<string, unknown>>;

export type MessageRequest = {
  model: string;
  maxTokens: number;
  stream: boolean;
  thinking: boolean;
  /** The tool that `tool_choice` demands; null when the model may answer with text. */
  forcedTool: { name: string; schema: unknown } | null;
  /** tools, system and messages as blocks, in the order in which the cache sees them. */
  blocks: readonly Json[];
};

export const isJson = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

// Not `String(value)`: `{"toString": 1}` is valid JSON and throws there.
const wordOf = (value: unknown): string => (typeof value === 'string' ? value : '');

const asBlocks = (content: unknown, role: string): Json[] => {
  if (typeof content === 'string') return [{ role, type: 'text', text: content }];
  if (!Array.isArray(content)) return [];
  return content.filter(isJson).map((block) => ({ role, ...block }));
};

const forcedTool = (body: Json): MessageRequest['forcedTool'] => {
  const choice = isJson(body.tool_choice) ? body.tool_choice : {};
  const tools = Array.isArray(body.tools) ? body.tools.filter(isJson) : [];
  const named = choice.type === 'tool' ? tools.find(({ name }) => name === choice.name) : undefined;
  const tool = choice.type === 'any' ? tools[0] : named;
  return tool === undefined ? null : { name: wordOf(tool.name), schema: tool.input_schema };
};

const problemOf = (body: Json, countOnly: boolean): string | null => {
  if (typeof body.model !== 'string') return 'model: Field required';
  if (!countOnly && !(typeof body.max_tokens === 'number' && body.max_tokens >= 1)) {
    return 'max_tokens: Field required';
  }
  if (!Array.isArray(body.messages) || body.messages.length === 0) return 'messages: Field required';
  const bad = body.messages.findIndex((message) => !isJson(message) || message.content === undefined);
  return bad === -1 ? null : `messages.${bad}.content: Field required`;
};

/** A body of /v1/messages (or, with `countOnly`, of count_tokens), or the sentence that the API refuses it with. */
export const parseMessageRequest = (text: string, countOnly: boolean): MessageRequest | string => {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    return 'The request body is not valid JSON';
  }
  if (!isJson(body)) return 'The request body is not an object';
  const problem = problemOf(body, countOnly);
  if (problem !== null) return problem;
  const messages = Array.isArray(body.messages) ? body.messages.filter(isJson) : [];
  const tools = Array.isArray(body.tools) ? body.tools.filter(isJson) : [];
  return {
    model: wordOf(body.model),
    maxTokens: typeof body.max_tokens === 'number' ? body.max_tokens : 1,
    stream: body.stream === true,
    thinking: isJson(body.thinking) && body.thinking.type !== 'disabled',
    forcedTool: forcedTool(body),
    blocks: [
      ...tools.map((tool) => ({ role: 'tools', ...tool })),
      ...asBlocks(body.system, 'system'),
      ...messages.flatMap(({ role, content }) => asBlocks(content, wordOf(role))),
    ],
  };
};
