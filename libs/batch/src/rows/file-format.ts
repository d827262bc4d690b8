export const FILE_FORMATS = ['ndjson', 'json', 'csv', 'parquet'] as const;
/** `json`: one array of objects. Each may be gzipped. */
export type FileFormat = (typeof FILE_FORMATS)[number];

const MEDIA_TYPES: Readonly<Record<string, FileFormat>> = {
  'application/x-ndjson': 'ndjson',
  'application/ndjson': 'ndjson',
  'application/jsonl': 'ndjson',
  'application/json': 'json',
  'text/csv': 'csv',
  'application/csv': 'csv',
  'text/tab-separated-values': 'csv',
  'application/vnd.apache.parquet': 'parquet',
  'application/x-parquet': 'parquet',
};

/** What a content type says about the format; `undefined` when it says nothing. */
export function formatOfMediaType(contentType: string | undefined): FileFormat | undefined {
  const [mediaType = ''] = (contentType ?? '').split(';', 1);
  return MEDIA_TYPES[mediaType.trim().toLowerCase()];
}

/** What begins and ends every Parquet file. */
export const PARQUET_MAGIC = Buffer.from('PAR1');
export const GZIP_MAGIC = Buffer.from([0x1f, 0x8b]);

export function startsWith(bytes: Buffer, magic: Buffer): boolean {
  return bytes.subarray(0, magic.length).equals(magic);
}
