"""What people may tell of themselves, to know who takes part: apart from who they are, and shown in totals only."""

import enum
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from consulta.database import Base


class Sex(enum.Enum):
    WOMAN = "woman"
    MAN = "man"


class AgeRange(enum.Enum):
    """In years, both ends included; youth are the first three."""

    FROM_15 = "15-17"
    FROM_18 = "18-24"
    FROM_25 = "25-29"
    FROM_30 = "30-44"
    FROM_45 = "45-59"
    FROM_60 = "60+"


class Department(enum.Enum):
    AHUACHAPAN = "ahuachapan"
    SANTA_ANA = "santa_ana"
    SONSONATE = "sonsonate"
    CHALATENANGO = "chalatenango"
    LA_LIBERTAD = "la_libertad"
    SAN_SALVADOR = "san_salvador"
    CUSCATLAN = "cuscatlan"
    LA_PAZ = "la_paz"
    CABANAS = "cabanas"
    SAN_VICENTE = "san_vicente"
    USULUTAN = "usulutan"
    SAN_MIGUEL = "san_miguel"
    MORAZAN = "morazan"
    LA_UNION = "la_union"


class Demographics(Base):
    """What one person told, and when and to which text they agreed. What is None was not stated."""

    __tablename__ = "demographics"

    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"), unique=True)
    sex: Mapped[Sex | None]
    age_range: Mapped[AgeRange | None]
    department: Mapped[Department | None]
    consent_at: Mapped[datetime]
    consent_version: Mapped[str]
