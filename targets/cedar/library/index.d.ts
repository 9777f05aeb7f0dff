/** An entity's type and id, in Cedar. */
export interface EntityUid {
  type: string;
  id: string;
}

/** A Cedar value, in Cedar's JSON. */
export type CedarValue = boolean | number | string | CedarValue[] | CedarRecord;
export interface CedarRecord {
  [name: string]: CedarValue;
}

/** What Cedar is asked. */
export interface Asked {
  principal: EntityUid;
  action: EntityUid;
  resource: EntityUid;
  context: CedarRecord;
}

/** The principal, and the resource. */
export interface Entity {
  uid: EntityUid;
  attrs: CedarRecord;
  parents: EntityUid[];
}

/**
 * Translate a request that the program holds, by the policy's `request.json`.
 *
 * Null is a denial without asking. Never throws, whatever the request is.
 */
export function translate(how: object, request: unknown): [Asked, Entity[]] | null;

/**
 * Translate the JSON text of a request. A text that is not JSON, or has a name twice in one object, is
 * denied.
 */
export function translateText(how: object, text: string): [Asked, Entity[]] | null;
