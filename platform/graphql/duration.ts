const DAY_SECONDS = 86_400;
const HOUR_SECONDS = 3_600;
const MINUTE_SECONDS = 60;

/** Whole parts of fixed length only: a month or a year is not as long as another. */
const DURATION = /^P(?!$)(?:(\d+)W)?(?:(\d+)D)?(?:T(?=\d)(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?$/;

/** The seconds of an ISO 8601 duration; null where it is not made of whole weeks, days, hours, minutes and seconds. */
export function readDuration(text: string): number | null {
  const found = DURATION.exec(text);
  if (!found) return null;
  const [weeks = 0, days = 0, hours = 0, minutes = 0, seconds = 0] = found
    .slice(1)
    .map((part) => Number(part ?? 0));
  return (weeks * 7 + days) * DAY_SECONDS + hours * HOUR_SECONDS + minutes * MINUTE_SECONDS + seconds;
}

/** ISO 8601 for a whole number of seconds, from days down to seconds. */
export function writeDuration(seconds: number): string {
  const days = Math.floor(seconds / DAY_SECONDS);
  const hours = Math.floor((seconds % DAY_SECONDS) / HOUR_SECONDS);
  const minutes = Math.floor((seconds % HOUR_SECONDS) / MINUTE_SECONDS);
  const rest = seconds % MINUTE_SECONDS;
  const date = days > 0 ? `${days}D` : '';
  const parts = [hours > 0 && `${hours}H`, minutes > 0 && `${minutes}M`, rest > 0 && `${rest}S`];
  const time = parts.filter((part) => part !== false).join('');
  if (date === '' && time === '') return 'PT0S';
  return `P${date}${time && `T${time}`}`;
}
