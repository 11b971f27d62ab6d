import { errorAnswer, jsonAnswer, type Answer } from './error-answers.ts';
import type { Json } from './parse-request.ts';

const models = [
  ['claude-opus-5-5', 'Claude Opus 5.5'],
  ['claude-sonnet-5-5', 'Claude Sonnet 5.5'],
  ['claude-haiku-5-5', 'Claude Haiku 5.5'],
  ['claude-fable-5-1', 'Claude Fable 5.1'],
] as const;

const entries: readonly (Json & { id: string })[] = models.map(([id, display_name], index) => ({
  type: 'model',
  id,
  display_name,
  created_at: `2026-0${9 - index}-01T00:00:00Z`,
}));

/** GET /v1/models, with `limit` and `after_id`. */
export const listModels = (query: URLSearchParams): Answer => {
  const limit = Math.min(1000, Math.max(1, Math.floor(Number(query.get('limit') ?? 20)) || 20));
  const rest = entries.slice(entries.findIndex(({ id }) => id === query.get('after_id')) + 1);
  const data = rest.slice(0, limit);
  return jsonAnswer(200, {
    data,
    has_more: rest.length > data.length,
    first_id: data[0]?.id ?? null,
    last_id: data.at(-1)?.id ?? null,
  });
};

/** GET /v1/models/{id}. */
export const showModel = (id: string, requestId: string): Answer => {
  const model = entries.find((entry) => entry.id === id);
  return model === undefined ? errorAnswer(404, `model: ${id}`, requestId) : jsonAnswer(200, model);
};
