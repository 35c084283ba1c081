-- An alert that was taken back and is raised again has a delivery of its own for each telling, where one row stood for all.

ALTER TABLE livermore.alert_deliveries ADD COLUMN turn integer NOT NULL DEFAULT 0 CHECK (turn >= 0);
ALTER TABLE livermore.alert_deliveries DROP CONSTRAINT alert_deliveries_alert_id_status_told_user_id_channel_key;
ALTER TABLE livermore.alert_deliveries ADD UNIQUE (alert_id, status_told, user_id, channel, turn);
