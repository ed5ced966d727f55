// The tables that weft exports, read by another program's reader: what stands in Parquet is what stands in CSV.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { it } from 'node:test';
import { asyncBufferFromFile, parquetMetadataAsync, parquetReadObjects } from 'hyparquet';

const dir = process.env.WEFT_TABLES;

// fields are the fields of a CSV file, in which no test has a line break or a quote.
const fields = (name) => readFileSync(path.join(dir, name), 'utf8').trimEnd().split('\n').map((line) => line.split(','));

for (const name of readdirSync(dir).filter((name) => name.endsWith('.parquet'))) {
  it(name, async () => {
    const file = await asyncBufferFromFile(path.join(dir, name));
    const { schema } = await parquetMetadataAsync(file);
    const rows = await parquetReadObjects({ file });
    const [names, ...lines] = fields(name.replace('.parquet', '.csv'));
    assert.deepEqual(schema.slice(1).map((column) => column.name), names);
    assert.equal(rows.length, lines.length);
    assert.ok(rows.length > 0);
    rows.forEach((row, i) => names.forEach((column, j) => {
      const value = row[column];
      const decimal = schema[j + 1].logical_type?.type === 'DECIMAL';
      const text = value === null || value === undefined ? '' : value instanceof Date ? value.toISOString().slice(0, 10) : String(value);
      if (decimal && text !== '') assert.equal(value, Number(lines[i][j]), `${column} of row ${i}`);
      else assert.equal(text, lines[i][j], `${column} of row ${i}`);
    }));
  });
}
