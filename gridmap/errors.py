"""Every error that a user may meet, with its HTTP status: one table for commands, pages and the API."""

from __future__ import annotations


class GridmapError(Exception):
    """An error with a sentence for its reader, in English; zh: the same in Chinese where pages tell it."""

    def __init__(self, sentence: str = "", *, zh: str | None = None) -> None:
        super().__init__(sentence)
        self._zh = zh

    @property
    def zh(self) -> str | None:
        """Return the sentence in Chinese, None when there is none."""
        return self._zh

    status = 500
    slug = "internal-error"
    title_zh = "系统内部错误"
    title_en = "Internal error"


class UserError(GridmapError):
    """A mistake in what the user gave: the sentence says which thing and what was expected."""

    status = 400
    slug = "bad-request"
    title_zh = "请求有误"
    title_en = "Bad request"


class FullDiskError(UserError):
    """The server's disk takes no more. It is told where a form tells of mistakes, though nobody made one."""

    status = 507
    slug = "insufficient-storage"
    title_zh = "服务器磁盘已满"
    title_en = "The server's disk is full"

    def __init__(self) -> None:
        super().__init__(
            "the server's disk is full: nothing was changed; tell whoever runs the platform, and try again then",
            zh="服务器磁盘已满，数据没有改动；请告知平台管理员，腾出空间后再试。",
        )


class NotFoundError(GridmapError):
    """The thing asked for does not exist."""

    status = 404
    slug = "not-found"
    title_zh = "未找到"
    title_en = "Not found"


class UnauthorizedError(GridmapError):
    """Nobody is logged in, or the session has ended."""

    status = 401
    slug = "unauthorized"
    title_zh = "需要登录"
    title_en = "Login needed"


class ForbiddenError(GridmapError):
    """The reader may not do this."""

    status = 403
    slug = "forbidden"
    title_zh = "不允许"
    title_en = "Not allowed"


class DefinitionError(GridmapError):
    """A layer or rule file is wrong: the sentence names file, key and what was expected."""

    slug = "bad-definition"
    title_zh = "定义文件有误"
    title_en = "Bad definition file"


class DatabaseError(GridmapError):
    """The database cannot be used: not there, without PostGIS, of another version, half-migrated."""

    status = 503
    slug = "database-unavailable"
    title_zh = "数据库不可用"
    title_en = "Database unavailable"


class ConflictError(GridmapError):
    """The change collides with the state of things, such as a second audit at the same time."""

    status = 409
    slug = "conflict"
    title_zh = "与当前状态冲突"
    title_en = "Conflict"


class ThrottledError(GridmapError):
    """Too many attempts: the sentence says how long to wait."""

    status = 429
    slug = "too-many-requests"
    title_zh = "尝试次数过多"
    title_en = "Too many attempts"
