import { describe, expect, test } from 'vitest';
import { asCcrError, CcrError, errorFromShape, errorShape, httpErrors } from '../../source/shared/errors.ts';

describe('CcrError', () => {
  test('shows what happened and what to do as one line', () => {
    const error = new CcrError('port_in_use', 'port 4180 is in use', {
      hint: 'choose another with --port N',
    });
    expect(error.lines).toEqual(['port 4180 is in use; choose another with --port N']);
    expect(new CcrError('failed', 'it broke').lines).toEqual(['it broke']);
  });

  test('several problems are a line each', () => {
    const error = new CcrError('invalid_config', 'two problems', { problems: ['port: a', 'host: b'] });
    expect(error.lines).toEqual(['port: a', 'host: b']);
  });

  test.each([
    ['failed', 1],
    ['usage', 2],
    ['unknown_account', 3],
    ['no_instance', 4],
    ['store_unavailable', 69],
    ['locked', 75],
    ['already_running', 75],
    ['login_changed', 75],
  ] as const)('%s exits with %i', (code, exitCode) => {
    expect(new CcrError(code, 'x').exitCode).toBe(exitCode);
  });

  test('keeps its cause', () => {
    const cause = new Error('EADDRINUSE');
    expect(new CcrError('port_in_use', 'x', { cause }).cause).toBe(cause);
  });
});

describe('errorShape', () => {
  test('survives the way across a thread', () => {
    const error = new CcrError('invalid_config', 'm', { hint: 'h', problems: ['a', 'b'] });
    const back = errorFromShape(structuredClone(errorShape(error)));
    expect(back).toBeInstanceOf(CcrError);
    expect([back.code, back.message, back.hint, back.problems]).toEqual([
      'invalid_config',
      'm',
      'h',
      ['a', 'b'],
    ]);
  });

  test('anything else thrown becomes failed, with its message', () => {
    expect(errorShape(new TypeError('boom'))).toEqual({
      code: 'failed',
      message: 'boom',
      hint: null,
      problems: [],
    });
    expect(errorShape('text').message).toBe('text');
  });

  test.each(['from_the_future', 'toString', '__proto__'])('the unknown code %s becomes failed', (code) => {
    const shape = { ...errorShape(new Error('m')), code: code as 'failed' };
    expect(errorFromShape(shape).code).toBe('failed');
  });
});

test('every own answer has an error status and a type of the Anthropic envelope', () => {
  for (const { status, type } of Object.values(httpErrors)) {
    expect(status).toBeGreaterThanOrEqual(400);
    expect(type).toMatch(/^[a-z]+(_[a-z]+)*$/);
  }
});

test('any thrown value becomes an error with a code', () => {
  const known = new CcrError('locked', 'busy', { hint: 'try again' });
  expect(asCcrError(known)).toMatchObject({ code: 'locked', message: 'busy', hint: 'try again' });
  expect(asCcrError(new TypeError('odd'))).toMatchObject({ code: 'failed', message: 'odd', hint: null });
  expect(asCcrError('text')).toMatchObject({ code: 'failed', message: 'text' });
});
