SELECT
  o.order_id,
  CAST(o.ordered_at AS DATE) AS order_date,
  o.customer_id,
  c.country,
  o.status,
  o.amount,
  o.updated_at
FROM source o
LEFT JOIN customers c ON c.customer_id = o.customer_id
