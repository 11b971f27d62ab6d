import * as fc from 'fast-check';

/** How a person, an editor or a program may have written a JSON file. */
type Style = {
  indent: string;
  lineBreak: string;
  colon: string;
  bom: string;
  end: string;
  /** Empty objects as `{}` or with space in them. */
  hollow: string;
};

const style: fc.Arbitrary<Style> = fc.record({
  // An empty indentation stands for everything in one line.
  indent: fc.constantFrom('  ', '    ', '\t', ' ', ''),
  lineBreak: fc.constantFrom('\n', '\r\n'),
  colon: fc.constantFrom(': ', ':', ' : '),
  bom: fc.constantFrom('', '', '\uFEFF'),
  end: fc.constantFrom('', '\n', '\r\n', '\n\n', ' '),
  hollow: fc.constantFrom('', ' ', '\n'),
});

const print = (value: unknown, style: Style, depth = 0): string => {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const isList = Array.isArray(value);
  const parts = isList
    ? value.map((each) => print(each, style, depth + 1))
    : Object.entries(value).map(
        ([key, each]) => `${JSON.stringify(key)}${style.colon}${print(each, style, depth + 1)}`,
      );
  const [open, close] = isList ? ['[', ']'] : ['{', '}'];
  if (parts.length === 0) return `${open}${style.hollow}${close}`;
  if (style.indent === '') return `${open}${parts.join(',')}${close}`;
  const pad = style.lineBreak + style.indent.repeat(depth + 1);
  const back = style.lineBreak + style.indent.repeat(depth);
  return `${open}${pad}${parts.join(`,${pad}`)}${back}${close}`;
};

const name = fc.oneof(
  fc.constantFrom(
    'permissions',
    'hooks',
    'model',
    'ANTHROPIC_API_KEY',
    'env',
    '__proto__',
    '',
    '日本',
    'a"b',
    '\u2028',
  ),
  fc.string({ unit: 'binary', maxLength: 8 }),
);

const tree = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    fc.string({ unit: 'grapheme', maxLength: 12 }),
    fc.constantFrom(null, true, 0, -1.5e-7, 1e21, 'https://x/y', '// no comment', '{'),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(name, tie('value'), { maxKeys: 5 }),
  ),
})).value;

const env = fc.dictionary(
  fc.oneof(fc.constantFrom('ANTHROPIC_BASE_URL', 'ANTHROPIC_AUTH_TOKEN', 'PATH'), name),
  fc.oneof(fc.string({ maxLength: 20 }), fc.constantFrom(null, 5, 'http://127.0.0.1:1')),
  { maxKeys: 5 },
);

/** A settings file: its text, and the value it stands for. */
export const randomSettings: fc.Arbitrary<{ text: string; value: Record<string, unknown> }> = fc
  .record({
    rest: fc.dictionary(name, tree, { maxKeys: 6 }),
    env: fc.option(env),
    style,
    first: fc.boolean(),
  })
  .map(({ rest, env, style, first }) => {
    const { env: _, ...others } = rest as Record<string, unknown>;
    const own = env === null ? {} : { env };
    const value: Record<string, unknown> = first ? { ...own, ...others } : { ...others, ...own };
    const body = print(value, style);
    return { text: `${style.bom}${body}${style.end}`, value: JSON.parse(body) as Record<string, unknown> };
  });
