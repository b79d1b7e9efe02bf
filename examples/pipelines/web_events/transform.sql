SELECT
  e.event_id,
  CAST(e.happened_at AS DATE) AS event_date,
  hour(e.happened_at) AS event_hour,
  e.happened_at,
  e.received_at,
  lower(e.kind) AS kind,
  e.page,
  e.user_id,
  coalesce(e.device.kind, 'unknown') AS device,
  coalesce(size(e.tags), 0) AS tags
FROM source e
