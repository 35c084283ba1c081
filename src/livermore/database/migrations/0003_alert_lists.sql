-- Lists of alerts of one timeframe or status, which may be rare among the newest, without a walk through all of them.

CREATE INDEX alerts_timeframe ON livermore.alerts (timeframe, close_time DESC, id DESC);
CREATE INDEX alerts_status ON livermore.alerts (status, close_time DESC, id DESC);
