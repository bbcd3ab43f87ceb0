// Where the phone is: once, or all along a round.

const OPTIONS = { enableHighAccuracy: true, timeout: 30_000, maximumAge: 5_000 };

function pointOf({ coords, timestamp }) {
  return {
    lon: coords.longitude,
    lat: coords.latitude,
    accuracy_m: Math.min(coords.accuracy ?? 0, 199_999),
    at: new Date(timestamp).toISOString(),
  };
}

/** Return the name of the page's sentence for a failure of geolocation. */
export function wordOf(error) {
  return error?.code === 1 ? "location_denied" : "location_failed";
}

/** Return where the phone is: {lon, lat, accuracy_m, at}; rejects with {word}. */
export function locate() {
  if (!navigator.geolocation || !window.isSecureContext) return Promise.reject({ word: "location_missing" });
  return new Promise((resolve, reject) => {
    navigator.geolocation.getCurrentPosition(
      (found) => resolve(pointOf(found)), (error) => reject({ word: wordOf(error) }), OPTIONS,
    );
  });
}

/** Call seen(point) as the phone moves, at most every ten seconds; returns how to stop, or null where it cannot. */
export function follow(seen, failed) {
  if (!navigator.geolocation || !window.isSecureContext) return null;
  let last = 0;
  const watch = navigator.geolocation.watchPosition(
    (found) => {
      if (found.timestamp - last < 10_000) return;
      last = found.timestamp;
      seen(pointOf(found));
    },
    (error) => failed(wordOf(error)),
    OPTIONS,
  );
  return () => navigator.geolocation.clearWatch(watch);
}
