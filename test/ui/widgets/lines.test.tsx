import { renderToString } from 'ink';
import { describe, expect, it } from 'vitest';
import { Line, Lines } from '../../../source/ui/widgets/lines.tsx';

describe('Lines', () => {
  it('keeps the place of a blank line', () => {
    expect(renderToString(<Lines lines={['a', '', 'b']} />, { columns: 10 })).toBe('a\n\nb');
  });
});

describe('Line', () => {
  it('never breaks', () => {
    expect(renderToString(<Line text="much too long for this" />, { columns: 8 }).split('\n')).toHaveLength(
      1,
    );
  });
});
