"""The security headers of every answer, errors and files included."""

from wsgiref.headers import Headers

from flask import Response

CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "font-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "object-src 'none'",
        "frame-ancestors 'none'",
    )
)

HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "Strict-Transport-Security": "max-age=31536000; includeSubDomains",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "X-Permitted-Cross-Domain-Policies": "none",
}


def add_headers(response: Response) -> Response:
    """Add what an answer did not set itself; a file that people uploaded comes with a stricter policy."""
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    return response


def add_static_headers(headers: Headers, path: str, url: str) -> None:
    """The same headers for files that never reach the application."""
    for name, value in HEADERS.items():
        headers[name] = value


def keep_private(response: Response) -> Response:
    """For pages that depend on who asks: no cache keeps them."""
    response.headers.setdefault("Cache-Control", "no-store")
    return response
