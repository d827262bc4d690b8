/**
 * Injection tokens of what `serve` composes outside Nest. The values are interfaces, so each constructor names its
 * token: `@Inject(EVENT_LOG) log: EventLog`.
 */

/** `EventLog` of #event-log. */
export const EVENT_LOG = Symbol('EventLog');
/** `ReadStore` of #read-store. */
export const READ_STORE = Symbol('ReadStore');
/** `NamingSecret` of #core. */
export const NAMING_SECRET = Symbol('NamingSecret');
/** `Clock` of #core. */
export const CLOCK = Symbol('Clock');
/** `MintId`: a random UUID at every call. */
export const MINT_ID = Symbol('MintId');
/** `Logger` of #observability. */
export const LOGGER = Symbol('Logger');
/** `Metrics` of #observability. */
export const METRICS = Symbol('Metrics');
/** `ProjectorStatus`: whether the projector of this process runs. */
export const PROJECTOR = Symbol('ProjectorStatus');
/** `BatchSettings`: where uploaded files wait, and how much of them is taken. */
export const BATCH_SETTINGS = Symbol('BatchSettings');

export type MintId = () => string;
