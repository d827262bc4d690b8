/** A schema is held by every process and sent with every change; the largest honest ones are a third of this. */
export const MAX_SCHEMA_BYTES = 256 * 1024;
/** Levels of a schema's JSON. An item at the nesting limit (64) takes two levels of schema for each of its own. */
export const MAX_SCHEMA_NESTING = 160;
/** Paths that a schema declares, those of its class included. */
export const MAX_SCHEMA_PATHS = 1_000;
/** Schemas within the schema once references are written out; bounds the time to compile it to under a second. */
export const MAX_SUBSCHEMAS = 5_000;
/** Schemas within one another once references are written out: the deepest item, and some `allOf` around its parts. */
export const MAX_SUBSCHEMA_DEPTH = 100;
export const MAX_PROPERTY_NAME_LENGTH = 128;
/** More tell nothing that the first ones do not. */
export const MAX_SCHEMA_ERRORS = 20;
