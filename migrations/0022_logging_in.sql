-- Logging in by two steps, throttled attempts that know who came before, and a log that is quick to read. What concerns
-- accounts and the log is asked as the owner only, after the permission was checked: no reader's role needs it.

CREATE TABLE gridmap.login_step (
    step_id text PRIMARY KEY CHECK (step_id ~ '^[0-9a-f]{64}$'),
    account_id bigint NOT NULL REFERENCES gridmap.account ON DELETE CASCADE,
    created_at timestamptz NOT NULL DEFAULT gridmap.instant()
);
CREATE INDEX login_step_account_idx ON gridmap.login_step (account_id);
COMMENT ON TABLE gridmap.login_step IS 'Whoever gave the right password and still owes a code of the second factor; admits to nothing.';
COMMENT ON COLUMN gridmap.login_step.step_id IS 'SHA-256 of the token in the reader''s cookie.';
COMMENT ON COLUMN gridmap.login_step.account_id IS 'The account.';
COMMENT ON COLUMN gridmap.login_step.created_at IS 'When the password was given; the step ends some minutes later.';
REVOKE ALL ON gridmap.login_step FROM gridmap_city, gridmap_area;

-- an address that let the account in before is not made to wait for what strangers do to the account's name
COMMENT ON TABLE gridmap.login_attempt IS 'Attempts to log in, for throttling; failed ones are kept for a day, the others for 30 days.';
COMMENT ON COLUMN gridmap.login_attempt.address IS 'Where it came from; of IPv6 the network of 64 bits, which one machine has to itself.';
COMMENT ON COLUMN gridmap.login_attempt.succeeded IS 'Whether it was let in; false until that is known, so that attempts at the same time count too.';

REVOKE ALL ON gridmap.audit_log FROM gridmap_city;
CREATE INDEX audit_log_account_idx ON gridmap.audit_log (account_id, action, log_id);
CREATE INDEX audit_log_at_idx ON gridmap.audit_log (at);
CREATE INDEX audit_log_action_idx ON gridmap.audit_log (action, log_id);
