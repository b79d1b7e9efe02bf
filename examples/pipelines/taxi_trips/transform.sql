SELECT
  t.taxi,
  t.pickup_at,
  CAST(t.pickup_at AS DATE) AS pickup_date,
  t.seconds,
  p.borough AS pickup_borough,
  d.borough AS dropoff_borough,
  t.kilometres,
  t.fare
FROM source t
LEFT JOIN zones p ON p.zone = t.pickup_zone
LEFT JOIN zones d ON d.zone = t.dropoff_zone
WHERE t.seconds >= ${shortest_seconds}
