// What a container's health check runs: `node dist/deploy/healthy.js <url>` ends with 0 if the url answers well.
const [, , url = ''] = process.argv;
process.exitCode = await fetch(url).then(
  ({ ok }) => (ok ? 0 : 1),
  () => 1,
);

export {};
