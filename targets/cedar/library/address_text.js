/** Addresses as text: RFC 5952, all in hexadecimal. */

/** Write an address as `readAddress` gives it: `4` and 8 hexadecimal digits, or `6` and 32. */
export function writeAddress(address) {
  const digits = address.slice(1);
  if (address[0] === "4") {
    return digits.match(/../g).map(fromHexadecimal).join(".");
  }
  const groups = digits.match(/..../g).map((each) => fromHexadecimal(each).toString(16));
  const [start, size] = longestZeros(groups);
  if (size < 2) {
    return groups.join(":");
  }
  return `${groups.slice(0, start).join(":")}::${groups.slice(start + size).join(":")}`;
}

function fromHexadecimal(digits) {
  return Number.parseInt(digits, 16);
}

/** Where the first of the longest runs of zeros starts, and how many groups it has. */
function longestZeros(groups) {
  let best = [0, 0];
  let start = 0;
  for (const [position, group] of [...groups, "end"].entries()) {
    if (group !== "0") {
      if (position - start > best[1]) {
        best = [start, position - start];
      }
      start = position + 1;
    }
  }
  return best;
}
