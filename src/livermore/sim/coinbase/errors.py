"""How Coinbase says no, over REST."""

from livermore.sim.tap import Answer, json_answer

# A 401 is the one body of Coinbase's that is not JSON.
UNAUTHORIZED = Answer(401, b"Unauthorized\n", "text/plain; charset=utf-8")


class Refused(Exception):
    """A request that is answered with an error."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.status)
        self.answer = answer


def invalid(message: str) -> Refused:
    """``400 {"error":"INVALID_ARGUMENT","error_details":…,"message":…}``."""
    return Refused(json_answer({"error": "INVALID_ARGUMENT", "error_details": message, "message": message}, 400))


def not_found(message: str) -> Refused:
    """``404 {"error":"NOT_FOUND","error_details":…,"message":"Product NOPE-USD not supported"}``."""
    return Refused(json_answer({"error": "NOT_FOUND", "error_details": message, "message": message}, 404))


def forbidden() -> Refused:
    """``403 {"error":"PERMISSION_DENIED",…}``: the key may not do that."""
    said = "Missing required scopes"
    return Refused(json_answer({"error": "PERMISSION_DENIED", "error_details": said, "message": said}, 403))


def internal() -> Refused:
    """``500 {"error":"INTERNAL",…}``, which too large a limit of the ticker is answered with."""
    return Refused(json_answer({"error": "INTERNAL", "error_details": "", "message": "internal server error"}, 500))


def too_many_requests() -> Answer:
    """``429 {"errors":[{"id":"rate_limit_exceeded","message":"Too many requests"}]}``."""
    return json_answer({"errors": [{"id": "rate_limit_exceeded", "message": "Too many requests"}]}, 429)
