export const LOAD_FORMATS = ['ndjson', 'json', 'csv', 'parquet', 'retail'] as const;
export type LoadFormat = (typeof LOAD_FORMATS)[number];

const EXTENSIONS: Readonly<Record<string, LoadFormat>> = {
  csv: 'csv',
  tsv: 'csv',
  json: 'json',
  parquet: 'parquet',
};

/** What the name of a file says about its format, `.gz` at its end aside; NDJSON where it says nothing. */
export function formatOfName(path: string): LoadFormat {
  return EXTENSIONS[extensionOf(path)] ?? 'ndjson';
}

/** Between two cells, where the name of a file says so. */
export function delimiterOfName(path: string): 'tab' | undefined {
  return extensionOf(path) === 'tsv' ? 'tab' : undefined;
}

function extensionOf(path: string): string {
  return /\.([^./\\]+)$/.exec(path.toLowerCase().replace(/\.gz$/, ''))?.[1] ?? '';
}
