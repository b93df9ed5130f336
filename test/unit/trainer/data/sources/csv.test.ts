import { describe, expect, it } from 'vitest';
import { CsvSplitter, parseCsv } from '../../../../../trainer/data/sources/csv.ts';

describe('parseCsv', () => {
  it('reads quotes, separators and line ends within quotes, a byte order mark, CRLF and a last line without an end', () => {
    const text = '\uFEFFa,b\r\n1,"x, ""y"""\r\n\r\n"2\n3",é';
    const table = parseCsv(Buffer.from(text), ',', 't.csv');
    expect(table.columns).toEqual(['a', 'b']);
    expect(table.rows).toEqual([
      ['1', 'x, "y"'],
      ['2\n3', 'é'],
    ]);
  });

  it('takes other separators', () => {
    expect(parseCsv(Buffer.from('a\tb\n1\t2,5\n'), '\t', 't.csv').rows).toEqual([['1', '2,5']]);
  });

  it('names the row that has another length than the header', () => {
    expect(() => parseCsv(Buffer.from('a,b\n1,2\n3\n'), ',', 't.csv')).toThrow(
      'Row 3 of t.csv has 1 cells, but the header has 2 columns.',
    );
  });

  it('lists the columns where one is missing', () => {
    const table = parseCsv(Buffer.from('image,class\na,b\n'), ',', 't.csv');
    expect(() => table.column('label')).toThrow('The table t.csv has no column label; its columns are image, class.');
  });

  it('refuses a table without a header, and one without more', () => {
    for (const text of ['', '\n', 'label\n']) {
      expect(() => parseCsv(Buffer.from(text), ',', 't.csv')).toThrow('The table t.csv is empty');
    }
  });

  it('refuses a column that is there twice, where it is asked for', () => {
    const table = parseCsv(Buffer.from('a,label,label\n1,2,3\n'), ',', 't.csv');
    expect(table.column('a')).toBe(0);
    expect(() => table.column('label')).toThrow('The table t.csv has two columns of the name label.');
  });

  it.each([
    ['UTF-16', Buffer.from('\uFEFFlabel\nx\n', 'utf16le'), 1],
    ['Latin-1', Buffer.from('label\nx\n\xe9\n', 'latin1'), 3],
  ])('names the row that is not UTF-8 (%s)', (_, bytes, row) => {
    expect(() => parseCsv(bytes, ',', 't.csv')).toThrow(`Row ${row} of t.csv is not text in UTF-8.`);
  });

  it('names the row whose quote nothing closes', () => {
    expect(() => parseCsv(Buffer.from('a,b\n1,2\n"3,4\n5,6\n'), ',', 't.csv')).toThrow(
      'Row 3 of t.csv opens a quote (") that nothing closes.',
    );
  });
});

describe('CsvSplitter', () => {
  it('finds the same records with their bytes in pieces of any size', () => {
    const bytes = Buffer.from('a,b\r\n"é\n1",2\n3,4');
    for (let size = 1; size <= bytes.length; size += 1) {
      const splitter = new CsvSplitter(',', 't.csv');
      const records = [];
      for (let start = 0; start < bytes.length; start += size) {
        records.push(...splitter.push(bytes.subarray(start, start + size)));
      }
      records.push(...splitter.end());
      expect(records.map(({ cells }) => cells)).toEqual([
        ['a', 'b'],
        ['é\n1', '2'],
        ['3', '4'],
      ]);
      expect(records.map(({ start, end }) => bytes.toString('utf8', start, end))).toEqual(['a,b', '"é\n1",2', '3,4']);
    }
  });
});
