//! Bookings over HTTP.

use accounts::Permission;
use axum::response::{IntoResponse, Response};
use base::id::BookingId;
use base::{Error, Time};
use http::{StatusCode, header};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use web::{ApiResult, Json, Page, PageQuery, Path, Query};

use super::ics;
use super::store::{self, Booking};
use crate::current::{AppState, Current};

pub(crate) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(cancel)).routes(routes!(file))
}

/// A time that a customer took.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Booking)]
struct BookingView {
    id: BookingId,
    calendar: String,
    start_at: Time,
    end_at: Time,
    /// Where it was taken; IANA name.
    timezone: String,
    name: String,
    contact: String,
    note: String,
    created_at: Time,
    /// The time was given back.
    #[schema(required)]
    cancelled_at: Option<Time>,
}

impl From<Booking> for BookingView {
    fn from(b: Booking) -> Self {
        Self {
            id: b.id,
            calendar: b.calendar,
            start_at: b.span.from,
            end_at: b.span.until,
            timezone: b.timezone,
            name: b.name,
            contact: b.contact,
            note: b.note,
            created_at: b.created_at,
            cancelled_at: b.cancelled_at,
        }
    }
}

/// Bookings by when they begin, the latest first.
#[utoipa::path(get, path = "/bookings", operation_id = "listBookings", tag = "bookings", params(PageQuery),
    responses((status = 200, body = Page<BookingView>)))]
async fn list(current: Current, Query(page): Query<PageQuery>) -> ApiResult<Json<Page<BookingView>>> {
    current.member.require(Permission::View)?;
    let (after, limit) = (page.after::<(Time, BookingId)>()?, page.limit());
    let rows = current.db.read(move |c| store::list(c, after, limit + 1)).await?;
    let page = Page::from_rows(rows, limit, |b| (b.span.from, b.id))?;
    Ok(Json(page.map(BookingView::from)))
}

/// Gives the time of a booking back. The customer is not told.
#[utoipa::path(delete, path = "/bookings/{id}", operation_id = "cancelBooking", tag = "bookings",
    params(("id" = BookingId, Path)), responses((status = 204)))]
async fn cancel(current: Current, Path(id): Path<BookingId>) -> ApiResult<StatusCode> {
    current.member.require(Permission::Answer)?;
    let now = current.clock.now();
    current
        .db
        .write(move |tx| {
            if !store::cancel(tx, id, now)? {
                return Err(Error::not_found("booking", id));
            }
            tx.publish("bookings");
            Ok(())
        })
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

/// A booking as a file for calendars.
#[utoipa::path(get, path = "/bookings/{id}/ics", operation_id = "getBookingFile", tag = "bookings",
    params(("id" = BookingId, Path)), responses((status = 200, body = String, content_type = "text/calendar")))]
async fn file(current: Current, Path(id): Path<BookingId>) -> ApiResult<Response> {
    current.member.require(Permission::View)?;
    let found = current.db.read(move |c| store::get(c, id)).await?;
    let booking = found.ok_or_else(|| Error::not_found("booking", id))?;
    let headers = [
        (header::CONTENT_TYPE, "text/calendar; charset=utf-8"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"booking.ics\""),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    Ok((headers, ics::write(&booking)).into_response())
}
