import type { CapturedBody, CapturedHeaders, CapturedRequest } from '../shared/capture.ts';

// What an HTTP archive has of heads and bodies that were captured.

const headersOf = (headers: CapturedHeaders): { name: string; value: string }[] =>
  headers.map(([name, value]) => ({ name, value }));

const typeOf = (headers: CapturedHeaders): string =>
  headers.find(([name]) => name.toLowerCase() === 'content-type')?.[1] ?? '';

const queryOf = (target: string): { name: string; value: string }[] => {
  const at = target.indexOf('?');
  const query = new URLSearchParams(at === -1 ? '' : target.slice(at + 1));
  return [...query].map(([name, value]) => ({ name, value }));
};

/** Says what of a body is missing, where the format has a place for a remark. */
const remarkOf = ({ cut, whole, problem }: CapturedBody): { comment?: string } => {
  if (problem !== null) return { comment: `not kept: ${problem}` };
  if (cut) return { comment: 'the beginning is kept' };
  return whole ? {} : { comment: 'it did not come to its end' };
};

/** What stands in `request` in place of what is not known. */
export const harRequest = ({ headers, target, body }: CapturedRequest): Record<string, unknown> => ({
  headers: headersOf(headers),
  queryString: queryOf(target),
  bodySize: body.bytes,
  ...(body.bytes === 0
    ? {}
    : {
        postData: {
          mimeType: typeOf(headers),
          // The format has text alone here; what is none stands beside it.
          text: body.text ?? '',
          ...(body.base64 === null ? {} : { _base64: body.base64 }),
          ...remarkOf(body),
        },
      }),
});

/** The same for `response`. */
export const harResponse = ({
  headers,
  body,
}: NonNullable<CapturedRequest['answer']>): Record<string, unknown> => ({
  headers: headersOf(headers),
  bodySize: body.bytes,
  content: {
    size: body.encoding === null ? body.bytes : -1,
    mimeType: typeOf(headers),
    ...(body.base64 === null ? { text: body.text ?? '' } : { text: body.base64, encoding: 'base64' }),
    ...remarkOf(body),
  },
});
