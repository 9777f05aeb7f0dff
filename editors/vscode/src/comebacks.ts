/** How often a server that ended by itself is started again: often enough after a mishap, and not for ever. */

const MOST = 3;
const WITHIN = 5 * 60_000; // milliseconds

export class Comebacks {
    private times: number[] = [];

    /** Whether it may come back once more; if so, that is counted. */
    another(now: number): boolean {
        this.times = this.times.filter((each) => now - each < WITHIN);
        if (this.times.length >= MOST) {
            return false;
        }
        this.times.push(now);
        return true;
    }

    /** Somebody has started it by hand: what was before no longer counts. */
    forget(): void {
        this.times = [];
    }
}
