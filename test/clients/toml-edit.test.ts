import { describe, expect, test } from 'vitest';
import {
  aboveComments,
  commentSaying,
  firstTable,
  readToml,
  rootKey,
  tableAt,
  withoutLines,
  type TomlFile,
} from '../../source/clients/toml-edit.ts';

const fileOf = (text: string): TomlFile => {
  const reading = readToml(text);
  if (!reading.ok) throw new Error(reading.problem);
  return reading.file;
};

const text = `# top
a = 1 # one
"model" = "m"

# about x
# and more
[x.y]
a = 2
[[z]]
`;

describe('a TOML file', () => {
  const file = fileOf(text);

  test('gives its value and where things stand', () => {
    expect(file.value).toEqual({ a: 1, model: 'm', x: { y: { a: 2 } }, z: [{}] });
    expect(text.slice(...(rootKey(file, 'model')?.value.range ?? [0, 0]))).toBe('"m"');
    expect(text.slice(...(tableAt(file, ['x', 'y'])?.range ?? [0, 0]))).toBe('[x.y]\na = 2');
    expect(firstTable(file)).toBe(tableAt(file, ['x', 'y']));
    expect(rootKey(file, 'b')).toBeUndefined();
    expect(tableAt(file, ['x'])).toBeUndefined();
    expect(firstTable(fileOf('a = 1'))).toBeUndefined();
  });

  test('knows the comments that stand directly above, and no others', () => {
    expect(aboveComments(text, file, text.indexOf('[x.y]'))).toBe(text.indexOf('# about x'));
    expect(aboveComments(text, file, text.indexOf('"model"'))).toBe(text.indexOf('"model"'));
    expect(aboveComments(text, file, text.indexOf('a = 1'))).toBe(0);
  });

  test('finds a comment by all its words, and no string', () => {
    const words = '# and more';
    const at = text.indexOf(words);
    expect(commentSaying(text, file, words)).toEqual({ start: at, end: at + words.length });
    expect(commentSaying(text, file, '# and')).toBeUndefined();
    const string = 'a = """\n# and more\n"""';
    expect(commentSaying(string, fileOf(string), words)).toBeUndefined();
  });

  test('loses whole lines', () => {
    expect(withoutLines('a\nb\nc', 2, 3)).toBe('a\nc');
    expect(withoutLines('a\r\nb\r\nc\r\n', 3, 7)).toBe('a\r\n');
    expect(withoutLines('a', 0, 1)).toBe('');
  });

  test('that is none is a problem with its place', () => {
    expect(readToml('a = 1\nb = ]')).toMatchObject({
      ok: false,
      problem: expect.stringMatching(/line 2, column 5/),
    });
    const deep = `a = ${'['.repeat(20_000)}`;
    expect(readToml(deep)).toMatchObject({ ok: false });
  });
});
